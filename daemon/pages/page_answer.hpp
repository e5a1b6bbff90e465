#pragma once

#include "daemon/api/router.hpp"
#include "daemon/image_filter.hpp"
#include "daemon/pages/page_frame.hpp"

#include <string>
#include <string_view>

namespace scanclock {

/// A page with the headers that let a browser load and run nothing but this server's own style and
/// icon, and keep no copy: what was true a minute ago may be wrong now.
HttpResponse page_answer(std::string page, int status = 200);

/// 400 for a parameter that cannot be understood.
HttpResponse refused_page(PageFrame frame, const FilterRefusal& refusal);

/// A file of the program itself: 304 when the request names its present content.
HttpResponse asset_answer(const HttpServerRequest& request, std::string content_type,
                          std::string_view content);

}  // namespace scanclock
