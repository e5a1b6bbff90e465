"""A small real world for the demo: a registry, images, evidence, containers, a receiver."""
