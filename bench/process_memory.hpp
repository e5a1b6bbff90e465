#pragma once

/// Prints the memory of this process in kilobytes, as one line: resident, resident at most so far,
/// and of the heap what is in use.
void print_memory();

/// What is free goes back to the system, and the most of so far begins anew.
void trim_memory();
