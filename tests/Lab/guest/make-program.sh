#!/bin/bash
# make-program.sh DIRECTORY: a small C program of many sources, its Makefile and what it must print.
set -eu
parts=24
mkdir -p "$1/src"
cd "$1"
{
  echo '#include <stdio.h>'
  for i in $(seq $parts); do echo "long part$i(long);"; done
  echo 'int main(void) { long sum = 0;'
  for i in $(seq $parts); do echo "  sum += part$i($i);"; done
  echo '  printf("%ld\n", sum); return 0; }'
} > src/main.c
for i in $(seq $parts); do
  echo "#include \"shape.h\"
long part$i(long n) { long s = 0; for (long k = 0; k < n; k++) s += SHAPE(k); return s; }" > "src/part$i.c"
done
echo '#define SHAPE(k) ((k) * (k) + 1)' > src/shape.h
printf '%s\n' 'OBJECTS := $(patsubst %.c,%.o,$(wildcard src/*.c))' 'sum: $(OBJECTS)' '	$(CC) -o $@ $^' \
  '$(OBJECTS): src/shape.h' 'clean:' '	rm -f sum $(OBJECTS)' > Makefile
sum=0
for i in $(seq $parts); do for k in $(seq 0 $((i - 1))); do sum=$((sum + k * k + 1)); done; done
echo $sum > expected
