#!/bin/sh
# embed.sh FILE...: these YAML files as documents of one stream, as a C array.
set -eu
echo '#include <stddef.h>'
echo 'extern const char data_text[];'
echo 'extern const size_t data_size;'
echo 'const char data_text[] = {'
for f; do
    printf -- '---\n'
    cat "$f"
done | od -An -v -td1 | sed 's/-*[0-9][0-9]*/&,/g'
echo '0};'
echo 'const size_t data_size = sizeof data_text - 1;'
