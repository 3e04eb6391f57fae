/*
 * lock PATH fcntl|flock read|write START LENGTH try|wait STATE
 * Takes a lock and holds it until it is killed. Says in the file STATE how it went: held, or the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void say(const char *path, const char *word) {
  char temporary[4096];
  snprintf(temporary, sizeof temporary, "%s.new", path);
  FILE *file = fopen(temporary, "w");
  if (!file || fputs(word, file) < 0 || fclose(file) || rename(temporary, path)) exit(3);
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  int write = !strcmp(argv[3], "write"), wait = !strcmp(argv[6], "wait"), result;
  int file = open(argv[1], O_RDWR | O_CREAT, 0666);
  if (file < 0) {
    say(argv[7], "no file");
    return 1;
  }
  if (!strcmp(argv[2], "flock")) {
    result = flock(file, (write ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB));
  } else {
    struct flock lock = {0};
    lock.l_type = write ? F_WRLCK : F_RDLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = atoll(argv[4]);
    lock.l_len = atoll(argv[5]);
    result = fcntl(file, wait ? F_SETLKW : F_SETLK, &lock);
  }
  if (result != 0) {
    say(argv[7], errno == EAGAIN || errno == EACCES ? "EAGAIN" : errno == EDEADLK ? "EDEADLK" : strerror(errno));
    return 1;
  }
  say(argv[7], "held");
  pause();
  return 0;
}
