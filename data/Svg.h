// SPDX-License-Identifier: Apache-2.0
// Pieces of SVG documents that all drawings share.
#pragma once

#include <string>

namespace ccm::data {

/// Decimal text of at most `digits` significant digits, by the same rules in every locale.
std::string number(double value, int digits);

/// The text as XML may hold it: without control characters, marks escaped.
std::string escaped(const std::string &text);

/// The opening tag of a white page of this size, with its font.
std::string svgHead(double width, double height);

/// A line of text; `anchor` is start, middle or end, `more` holds further attributes.
std::string textAt(double x, double y, const std::string &anchor, const std::string &text,
                   const std::string &more = "");

} // namespace ccm::data
