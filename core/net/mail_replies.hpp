#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A server that never stops talking is not listened to for longer.
inline constexpr std::size_t mail_replies_max = 1000;
inline constexpr std::size_t mail_reply_bytes_max = 512;

/// The replies of an SMTP session in the order of coming, read from its lines (RFC 5321 section
/// 4.2): of a reply of several lines the last one counts. The answer to QUIT is left out.
class MailReplies {
 public:
  struct Reply {
    /// 0 for none.
    int code = 0;
    std::string text;
  };

  void add(std::string_view line);

  Reply last() const { return replies_.empty() ? Reply() : replies_.back(); }

  /// Of a message that was refused: the last reply, or, where it came to one of the `recipients`
  /// and another of them was refused for the moment only (4xx), that one, for trying again can
  /// help.
  Reply refusal(std::size_t recipients) const;

  /// The replies to RCPT that refused, of a message that was taken: RCPT's are the `recipients`
  /// ones before the first 354.
  std::vector<std::string> refused_recipients(std::size_t recipients) const;

 private:
  std::vector<Reply> replies_;
};

}  // namespace scanclock
