#pragma once

#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::string_view oci_index_type = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view oci_manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_artifact_type =
    "application/vnd.oci.artifact.manifest.v1+json";
inline constexpr std::string_view oci_config_type = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view oci_empty_type = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view docker_list_type =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view docker_manifest_type =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view docker_config_type =
    "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view dsse_envelope_type = "application/vnd.dsse.envelope.v1+json";
inline constexpr std::string_view in_toto_type = "application/vnd.in-toto+json";

/// Every manifest type in one header: without an index type, distribution answers with another
/// manifest and another digest; without the OCI types it answers 404.
inline constexpr std::string_view manifest_accept =
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.artifact.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// Lower case, without parameters and blanks: `application/json; charset=utf-8` is
/// `application/json`.
std::string bare_media_type(std::string_view content_type);

bool is_index_type(std::string_view media_type);

/// Types of configs that a container runtime runs. Old Docker clients wrote none, or
/// application/octet-stream (moby distribution/pull_v2.go accepts both).
bool is_image_config_type(std::string_view media_type);

/// Documents about an image, such as attestations, signatures and SBOMs: never a layer of a file
/// system.
bool is_document_type(std::string_view media_type);

/// `application/sarif+json`, `application/json`: may be a report in JSON.
bool is_json_type(std::string_view media_type);

}  // namespace scanclock
