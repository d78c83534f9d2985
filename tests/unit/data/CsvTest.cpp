// SPDX-License-Identifier: Apache-2.0
// RFC 4180: quotes, line ends, byte-order marks, and the place of everything that is wrong.
#include "data/Csv.h"
#include "tests/unit/data/TestData.h"

namespace ccm::data::test {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records parse(std::string_view text, char separator = ',') {
  CsvReader reader(text, "t.csv", separator);
  Records records;
  while (true) {
    Result<std::vector<Cell>> record = reader.next();
    EXPECT_TRUE(record) << textOf(record);
    if (!record || record->empty())
      return records;
    records.emplace_back();
    for (const Cell &cell : *record)
      records.back().push_back(cell.text);
  }
}

std::string problemOf(std::string_view text) {
  CsvReader reader(text, "t.csv");
  while (true) {
    Result<std::vector<Cell>> record = reader.next();
    if (!record)
      return record.error().first().text();
    if (record->empty())
      return "no problem";
  }
}

TEST(Csv, ReadsPlainRecords) { EXPECT_EQ(parse("a,b\n1,2\n"), (Records{{"a", "b"}, {"1", "2"}})); }

TEST(Csv, LastLineNeedsNoEnd) { EXPECT_EQ(parse("a\n1"), (Records{{"a"}, {"1"}})); }

TEST(Csv, TakesCrLf) { EXPECT_EQ(parse("a,b\r\n1,2\r\n"), (Records{{"a", "b"}, {"1", "2"}})); }

TEST(Csv, DropsByteOrderMark) {
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "a\n"),
            (Records{{"a"}}));
}

TEST(Csv, KeepsEmptyCells) { EXPECT_EQ(parse(",\n\"\"\n"), (Records{{"", ""}, {""}})); }

TEST(Csv, QuotedCellHoldsCommasQuotesAndLines) {
  EXPECT_EQ(parse("\"a,b\",\"c\"\"d\",\"e\r\nf\"\n"), (Records{{"a,b", "c\"d", "e\r\nf"}}));
}

TEST(Csv, QuotedCellMayBeEmpty) { EXPECT_EQ(parse("\"\",x\n"), (Records{{"", "x"}})); }

TEST(Csv, PlacesCellsBehindQuotedLines) {
  CsvReader reader("\"a\nb\",c\nd\n", "t.csv");
  const std::vector<Cell> first = *reader.next(), second = *reader.next();
  EXPECT_EQ(reader.place(first[1]), "t.csv:2:4");
  EXPECT_EQ(reader.place(second[0]), "t.csv:3:1");
}

TEST(Csv, RefusesOpenQuoteWhereItBegins) {
  EXPECT_EQ(problemOf("a,b\n1,\"2\n3"), "t.csv:2:3: error: a quote is not closed");
}

TEST(Csv, RefusesQuoteInsideCell) {
  EXPECT_EQ(
      problemOf("a\nx\"y\n"),
      "t.csv:2:2: error: a quote inside a cell: the whole cell must be quoted, quotes doubled");
}

TEST(Csv, RefusesTextBehindQuote) {
  EXPECT_EQ(problemOf("\"a\"b\n"),
            "t.csv:1:4: error: expects a separator or the end of the line after a closing quote");
}

TEST(Csv, PassesOverLinesThatHoldNothing) {
  const Records records = {{"a", "b"}, {"1", "2"}};
  for (const char *text : {"\n\na,b\n\n1,2\n\n\n", "a,b\r\n\r\n1,2\r\n\r\n", "a,b\n \t\n1,2\n  "})
    EXPECT_EQ(parse(text), records) << text;
  CsvReader reader("a\n\n\nb\n", "t.csv");
  EXPECT_EQ(reader.place(reader.next()->front()), "t.csv:1:1");
  EXPECT_EQ(reader.place(reader.next()->front()), "t.csv:4:1");
}

TEST(Csv, TakesOtherSeparators) {
  for (char separator : {';', '\t', '|'}) {
    const std::string text =
        std::string("a") + separator + "1,5" + separator + "\"x" + separator + "y\"\n";
    EXPECT_EQ(parse(text, separator), (Records{{"a", "1,5", std::string("x") + separator + "y"}}));
  }
  EXPECT_EQ(parse("a\t\tb\n\t\n", '\t'), (Records{{"a", "", "b"}, {"", ""}}));
}

TEST(Csv, TakesBlanksAroundQuotes) {
  EXPECT_EQ(parse("1, \"a, b\" ,2\n  x ,y\n"), (Records{{"1", "a, b", "2"}, {"  x ", "y"}}));
  EXPECT_EQ(parse("\"a\" \t\n", '\t'), (Records{{"a", ""}}));
}

TEST(Csv, LinesMayEndInCarriageReturnsAlone) {
  EXPECT_EQ(parse("a,b\r1,\"2\r3\"\r\r4,5"), (Records{{"a", "b"}, {"1", "2\r3"}, {"4", "5"}}));
  CsvReader reader("a\r\"b\rc\"\rd", "t.csv");
  EXPECT_EQ(reader.place(reader.next()->front()), "t.csv:1:1");
  EXPECT_EQ(reader.place(reader.next()->front()), "t.csv:2:1");
  EXPECT_EQ(reader.place(reader.next()->front()), "t.csv:4:1");
}

TEST(Csv, RefusesLoneCarriageReturn) {
  EXPECT_EQ(problemOf("a\rb\n"), "t.csv:1:2: error: a carriage return without a line feed");
}

} // namespace
} // namespace ccm::data::test
