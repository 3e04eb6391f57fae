/*
 * keep PATH BLOCKS STOP STATE
 * Keeps a file open and its first byte locked, and writes all blocks behind it over and over, reading each round back from
 * the server, until the file STOP is there. Says in the file STATE how many rounds were right, then "done", or what went wrong.
 *
 * Linux 6.1 does not send again what it was sending when a connection was reset and its reader had not noticed yet
 * (__smb_send_rqst: ECONNABORTED, which is_retryable_error does not count), and fsync says so. That is between the kernel and
 * its network, whoever serves: such a round is written once more, as a program would that was told, and is counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { block_bytes = 64 << 10, first_block = 1 };

static const char *state;

static void say(const char *form, ...) {
  char temporary[4096];
  va_list arguments;
  snprintf(temporary, sizeof temporary, "%s.new", state);
  FILE *file = fopen(temporary, "w");
  if (!file) exit(3);
  va_start(arguments, form);
  vfprintf(file, form, arguments);
  va_end(arguments);
  if (fclose(file) || rename(temporary, state)) exit(3);
}

static int fail(const char *what, int round, int block) {
  say("%s, round %d, block %d: %s", what, round, block, strerror(errno));
  return 1;
}

static void fill(unsigned char *block, int round, int number) {
  unsigned value = round * 2654435761u + number * 40503u + 1;
  for (int i = 0; i < block_bytes; i++) {
    value = value * 1664525u + 1013904223u;
    block[i] = value >> 24;
  }
}

/* NULL when all that was written was read back; else what failed, in which block, and errno. */
static const char *write_and_read(int file, int round, int blocks, int *block) {
  static unsigned char written[block_bytes], read_back[block_bytes];
  for (*block = 0; *block < blocks; ++*block) {
    fill(written, round, *block);
    off_t at = (off_t)(*block + first_block) * block_bytes;
    if (pwrite(file, written, block_bytes, at) != block_bytes) return "write";
  }
  *block = 0;
  if (fsync(file)) return "fsync";
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  for (; *block < blocks; ++*block) {
    fill(written, round, *block);
    off_t at = (off_t)(*block + first_block) * block_bytes;
    if (pread(file, read_back, block_bytes, at) != block_bytes) return "read";
    errno = 0;
    if (memcmp(written, read_back, block_bytes)) return "content";
  }
  return NULL;
}

int main(int argc, char **argv) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  if (argc != 5) return 2;
  int blocks = atoi(argv[2]);
  state = argv[4];
  int file = open(argv[1], O_RDWR | O_CREAT, 0666);
  if (file < 0) return fail("open", 0, 0);
  if (fcntl(file, F_SETLK, &lock)) return fail("lock", 0, 0);
  int round = 0, repeated = 0;
  say("%d", round);
  while (access(argv[3], F_OK)) {
    round++;
    int block;
    const char *failed = write_and_read(file, round, blocks, &block);
    if (failed && errno == ECONNABORTED) {
      repeated++;
      failed = write_and_read(file, round, blocks, &block);
    }
    if (failed) return fail(failed, round, block);
    say("%d", round);
  }
  say("done %d, repeated %d", round, repeated);
  pause();
  return 0;
}
