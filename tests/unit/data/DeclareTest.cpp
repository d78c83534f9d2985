// SPDX-License-Identifier: Apache-2.0
// ccm-run declare: a first declaration of a table, word for word, and what it refuses.
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

constexpr const char *kDeclared =
    R"text(// A first declaration from 4 rows of 7 columns, by ccm-run declare. Change what you know better.
{
  "ccm": 1,
  "name": "x_2nd_pets",
  "unaligned_inputs": [
    // dates, taken apart: year, then cycles of year and week
    {"name": "day", "channels": 5},
    // texts of up to 20 bytes
    {"name": "note", "shape": [32], "discrete": true, "vocabulary": 256},
    // numbers: "Mass (g)" 1.5 to 3; missing are 1 cells of "Mass (g)"
    {"name": "mass_g", "column": "Mass (g)", "missing": "learn"}
    // left out "id": nearly every row has one of its own, as identifiers are
    // left out "same": all cells are the same
    // left out "n": it counts the rows
  ],
  "outputs": [
    // 4 rows of 2 kinds: "cat" 2, "dog" 2
    {"name": "kind", "column": "Kind", "values": ["cat", "dog"]}
  ],
  // pictures, sounds and texts need more than tiny
  "compute": "low"
}
)text";

TEST(Declare, WritesADeclarationWithItsReasons) {
  const Folder folder;
  const std::string table =
      folder.write("2nd-pets.csv", "id;Kind;Mass (g);day;same;n;note\n"
                                   "a1;cat;1,5;2024-01-01;x;1;a long text\n"
                                   "a2;dog;;2024-01-02;x;2;another text\n"
                                   "a3;cat;2,5;2024-01-03;x;3;one more of them\n"
                                   "a4;dog;3;2024-01-04;x;4;the last text of all\n");
  const Finished finished = run({"declare", table, "--target", "Kind"});
  EXPECT_EQ(finished.code, 0) << finished.error;
  EXPECT_EQ(finished.out, kDeclared);
  ;
}

TEST(Declare, RefusesWithReasons) {
  const Folder folder;
  const std::string table = folder.write("t.csv", "a,b\n1,2\n3,4\n");
  EXPECT_EQ(run({"declare", table, "--target", "B"}).error,
            table + ":1:1: error: no column 'B' among a, b; did you mean 'b'?\n");
  const Finished none = run({"declare", table});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.error, "error: --target is required: one or more of the columns a, b\n");
  EXPECT_EQ(run({"declare", table, "--target", "b", "--out", table}).error,
            "error: the output '" + table + "' is also an input\n");
  EXPECT_EQ(run({"declare", table, "--target", "b", "--name", "A b"}).error,
            "error: --name expects [a-z][a-z0-9_]*, such as a_b, got 'A b'\n");
  EXPECT_EQ(run({"declare", folder.write("e.csv", ""), "--target", "b"}).error,
            folder.path + "/e.csv: error: an empty table: expects a header\n");
  EXPECT_EQ(run({"declare", folder.write("h.csv", "a,b\n"), "--target", "b"}).error,
            folder.path + "/h.csv: error: a table without rows\n");
  EXPECT_EQ(run({"declare", folder.write("r.csv", "a,b\n1\n"), "--target", "b"}).error,
            folder.path + "/r.csv:2:1: error: expects 2 cells, got 1\n");
  EXPECT_EQ(run({"declare", table, folder.write("o.csv", "a,c\n1,2\n"), "--target", "b"}).error,
            folder.path + "/o.csv:1:1: error: expects the header of the first table\n");
  EXPECT_EQ(run({"declare", folder.write("s.csv", "a,b\n1,2\n3,2\n"), "--target", "b"}).error,
            folder.path +
                "/s.csv:1:1: error: target 'b' is the same in all rows: nothing to learn\n");
}

} // namespace
} // namespace ccm::data::test
