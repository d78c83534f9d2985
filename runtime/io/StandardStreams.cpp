// SPDX-License-Identifier: Apache-2.0
// Keeps the numbers of standard streams from files.
#include "runtime/io/StandardStreams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace ccm::io {

void occupyStandardStreams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0) {
      // The lowest free number is this stream's, since those below it are taken by now.
      int wrongWay = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
      if (::open("/dev/null", wrongWay) != stream)
        return;
    }
}

} // namespace ccm::io
