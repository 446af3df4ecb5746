/* Where one message ends and the next begins, in each of the protocols that are compared. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum protocol { FRAMES, NATS, WS, REDIS };

static uint32_t number(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The size of the first whole message, 0 when it is not there yet; `pushed` tells whether it is a published one. */
static size_t first_message(enum protocol protocol, const uint8_t *in, size_t filled, bool *pushed) {
    const uint8_t *end;
    size_t size = 0;
    *pushed = false;
    switch (protocol) {
    case FRAMES:
        size = filled < 4 ? 0 : 4 + number(in);
        break;
    case WS:
        if (filled < 4) return 0;
        *pushed = (in[0] & 15) == 2;
        size = in[1] < 126 ? 2u + in[1] : 4u + ((size_t)in[2] << 8 | in[3]);
        break;
    case NATS: /* MSG subject number size\r\n payload\r\n */
        if (!(end = memchr(in, '\n', filled))) return 0;
        size = (size_t)(end - in) + 1;
        if ((*pushed = *in == 'M')) {
            const char *space = memrchr(in, ' ', size);
            size += strtoul(space, NULL, 10) + 2;
        }
        break;
    case REDIS: /* *3 $7 message $1 channel $size payload, each line ended by \r\n */
        if (!(end = memchr(in, '\n', filled))) return 0;
        size = (size_t)(end - in) + 1;
        if ((*pushed = *in == '*'))
            for (int i = 0; i < 3; i++) {
                const uint8_t *text = in + size;
                if (size >= filled || !(end = memchr(text, '\n', filled - size))) return 0;
                size += (size_t)(end - text) + 1 + strtoul((const char *)text + 1, NULL, 10) + 2;
            }
        break;
    }
    return size <= filled ? size : 0;
}
