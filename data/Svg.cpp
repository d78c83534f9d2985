// SPDX-License-Identifier: Apache-2.0
// Numbers, texts and pages of SVG documents.
#include "data/Svg.h"

#include <charconv>
#include <cstdint>

namespace ccm::data {

std::string number(double value, int digits) {
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::general, digits);
  return std::string(text, end);
}

std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    out += c == '<'   ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '&' ? "&amp;"
           : c == '"' ? "&quot;"
                      : std::string(1, uint8_t(c) < 0x20 ? ' ' : c);
  return out;
}

std::string svgHead(double width, double height) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width, 6) + " " +
         number(height, 6) +
         "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
}

std::string textAt(double x, double y, const std::string &anchor, const std::string &text,
                   const std::string &more) {
  return "<text x=\"" + number(x, 6) + "\" y=\"" + number(y, 6) + "\" text-anchor=\"" + anchor +
         "\"" + more + ">" + escaped(text) + "</text>\n";
}

} // namespace ccm::data
