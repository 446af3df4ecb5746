/* Many TLS clients in one thread: connects them, keeps them busy, and says what they saw, in JSON, a line a command.
 *
 *   load PROTOCOL PORT SERVER_NAME ALPN CHAIN KEY CA       PROTOCOL: frames, nats, ws, redis
 *
 * Commands on standard input (one at a time; each is answered by one line):
 *   connect FILE          open the connections described there, and keep them
 *   run SECONDS COUNT     the first COUNT connections ask and are answered, one request in flight each
 *   fan MESSAGES          the last connection publishes; every other one must receive each message
 *   shake COUNT FILE      open and close COUNT connections one after the other, up to the first answer
 *   leave COUNT           close the last COUNT connections
 *   pulse SECONDS PAUSE   every connection asks once in PAUSE microseconds, unless it still waits
 *   deaf COUNT            the first COUNT connections read nothing more
 *   told                  how many transactions the connections that read were told since the last `deaf`
 *   storm SECONDS         handshakes one after the other, each hung up at once; one that fails is counted
 *
 * A FILE is a sequence of connections, each a list of byte strings (4 bytes big-endian of length first): greeting 1,
 * what ends its answer, greeting 2, ..., an empty string, the request. Then five 4-byte numbers: where in the request
 * stand the operation id (16 bytes), the revision seen (8 bytes) and the place (1 byte, toggled), 0 for nowhere; which
 * tag its answer has; which tag a push has (0: anything). In `frames`, an answer ends with its frame.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "messages.h"

enum { MOST_LINES = 16384, MOST_EVENTS = 512, INBOX = 64 << 10, TAG_PING = 3, TAG_PONG = 4, TAG_FAILED = 7, TAG_DELTA = 55 };

struct line {
    int fd;
    SSL *tls;
    uint8_t *request, *inbox;
    size_t size, filled;
    uint32_t operation, seen, place, answer_tag, push_tag;
    bool waits;
    uint64_t asked_at, told;
};

struct text {
    const uint8_t *at;
    size_t size;
};

static enum protocol protocol;
static const char *server_name, *alpn;
static int port, poller;
static SSL_CTX *context;
static struct line *lines[MOST_LINES];
static size_t line_count;

static uint64_t revision;         /* the newest one any answer told: what a client that follows would know */
static uint64_t operations;       /* makes every operation id another one */
static uint64_t answers, pushes;  /* heard since the last command */
static uint64_t last_push_at;
static bool recording, asking;    /* latencies are kept; an answer is followed by the next request */
static uint32_t *latencies;       /* in tenths of a microsecond */
static size_t latency_count, latency_room;

static void die(const char *what) {
    fprintf(stderr, "load: %s (%s)\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void keep_latency(uint64_t nanoseconds) {
    if (latency_count == latency_room) {
        latency_room = latency_room ? latency_room * 2 : 1 << 20;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (!latencies) die("no memory");
    }
    latencies[latency_count++] = (uint32_t)(nanoseconds / 100);
}

static double percentile(double share) {
    if (!latency_count) return 0;
    return latencies[(size_t)((double)(latency_count - 1) * share)] / 10.0;
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

static void say(struct line *line, const void *bytes, size_t size) {
    int sent = SSL_write(line->tls, bytes, (int)size);
    if (sent != (int)size) die("a small write did not fit");
}

static void ask(struct line *line) {
    if (line->operation) {
        operations++;
        memcpy(line->request + line->operation, &operations, sizeof operations);
    }
    if (line->seen)
        for (int i = 0; i < 8; i++) line->request[line->seen + i] = (uint8_t)(revision >> (56 - 8 * i));
    if (line->place) line->request[line->place] ^= 1;
    line->waits = true;
    line->asked_at = now();
    say(line, line->request, line->size);
}

/* --- hearing ---------------------------------------------------------------------------------------------------- */

/* Read a MessagePack unsigned integer and step over it. */
static uint64_t integer(const uint8_t **at) {
    const uint8_t *p = *at;
    int width = *p < 0x80 ? 0 : 1 << (*p - 0xcc);
    uint64_t value = width ? 0 : *p;
    for (int i = 1; i <= width; i++) value = value << 8 | p[i];
    *at = p + 1 + width;
    return value;
}

/* How many transactions a Delta has: tag, epoch, transactions. */
static uint64_t transactions(const uint8_t *body) {
    const uint8_t *at = body + 2;
    integer(&at);
    return *at == 0xdc ? (uint64_t)at[1] << 8 | at[2] : *at & 15u;
}

static void answered(struct line *line, const uint8_t *body) {
    if (!line->waits) die("an answer to nothing");
    line->waits = false;
    answers++;
    if (line->seen) { /* Committed: tag, id, epoch, revision */
        const uint8_t *at = body + 1;
        for (int i = 0; i < 3; i++) integer(&at);
        uint64_t told = integer(&at);
        if (told > revision) revision = told;
    }
    if (recording) keep_latency(now() - line->asked_at);
    if (asking) ask(line);
}

static void heard_frame(struct line *line, const uint8_t *body, size_t size) {
    uint32_t tag = size > 1 ? body[1] : 0;
    if (line->waits && (!line->answer_tag || tag == line->answer_tag)) {
        answered(line, body);
    } else if (line->answer_tag && tag == TAG_PING) {
        uint8_t pong[16] = {0, 0, 0, (uint8_t)size};
        if (size > sizeof pong - 4) die("a strange ping");
        memcpy(pong + 4, body, size);
        pong[5] = TAG_PONG;
        say(line, pong, size + 4);
    } else if (!line->push_tag || tag == line->push_tag) {
        pushes++;
        if (tag == TAG_DELTA) line->told += transactions(body);
    } else {
        fprintf(stderr, "load: unexpected message with tag %u: %.*s\n", tag, (int)size, body);
        exit(1);
    }
}

static void take_messages(struct line *line) {
    size_t start = 0, size;
    bool pushed;
    while ((size = first_message(protocol, line->inbox + start, line->filled - start, &pushed))) {
        if (protocol == FRAMES) heard_frame(line, line->inbox + start + 4, size - 4);
        else if (pushed) pushes++;
        else if (protocol == NATS && line->inbox[start] == 'P') say(line, "PONG\r\n", 6);
        start += size;
    }
    line->filled -= start;
    memmove(line->inbox, line->inbox + start, line->filled);
}

static void hear(struct line *line) {
    for (;;) {
        int got = SSL_read(line->tls, line->inbox + line->filled, (int)(INBOX - line->filled));
        if (got <= 0) {
            if (SSL_get_error(line->tls, got) == SSL_ERROR_WANT_READ) return;
            die("the server closed a connection");
        }
        line->filled += (size_t)got;
        uint64_t before = pushes;
        take_messages(line);
        if (pushes != before) last_push_at = now();
    }
}

/* Hear whatever arrives within `milliseconds`; true when there is a command to read. */
static bool hear_all(int milliseconds) {
    struct epoll_event events[MOST_EVENTS];
    bool commanded = false;
    int count = epoll_wait(poller, events, MOST_EVENTS, milliseconds);
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr) hear(events[i].data.ptr);
        else commanded = true;
    return commanded;
}

static void hear_until(uint64_t moment) {
    while (now() < moment) hear_all(1);
}

/* --- connecting (blocking) -------------------------------------------------------------------------------------- */

static void hear_exactly(struct line *line, struct text end) {
    for (;;) {
        bool pushed;
        if (protocol == FRAMES) {
            if (first_message(protocol, line->inbox, line->filled, &pushed)) break;
        } else if (line->filled >= end.size && !memcmp(line->inbox + line->filled - end.size, end.at, end.size)) break;
        int got = SSL_read(line->tls, line->inbox + line->filled, (int)(INBOX - line->filled));
        if (got <= 0) die("a greeting was not answered");
        line->filled += (size_t)got;
    }
    if (protocol == FRAMES && line->inbox[5] == TAG_FAILED) {
        fputs("load: refused: ", stderr);
        for (size_t at = 6; at < line->filled; at++) fputc(isprint((unsigned char)line->inbox[at]) ? line->inbox[at] : ' ', stderr);
        fputc('\n', stderr);
        exit(1);
    }
    line->filled = 0;
}

static void drop(struct line *line) {
    SSL_free(line->tls);
    close(line->fd);
    free(line->request);
    free(line->inbox);
    free(line);
}

/* A connection after its handshake; NULL when there is none to be had, and `must` is false. */
static struct line *try_dial(bool must) {
    struct line *line = calloc(1, sizeof *line);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    line->inbox = malloc(INBOX);
    line->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(line->fd, (struct sockaddr *)&address, sizeof address) && must) die("nobody listens");
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (protocol == NATS) /* INFO comes in the clear */
        for (uint8_t byte = 0; byte != '\n';)
            if (read(line->fd, &byte, 1) != 1) die("no INFO");
    line->tls = SSL_new(context);
    SSL_set_fd(line->tls, line->fd);
    SSL_set_tlsext_host_name(line->tls, server_name);
    uint8_t offer[64] = {(uint8_t)strlen(alpn)};
    memcpy(offer + 1, alpn, offer[0]);
    if (*alpn) SSL_set_alpn_protos(line->tls, offer, offer[0] + 1u);
    if (SSL_connect(line->tls) == 1) return line;
    if (must) die("the handshake failed");
    ERR_clear_error();
    drop(line);
    return NULL;
}

static struct line *dial(void) { return try_dial(true); }

static void hang_up(struct line *line) {
    SSL_shutdown(line->tls);
    drop(line);
}

static struct text take(const uint8_t **at) {
    struct text text = {*at + 4, number(*at)};
    *at = text.at + text.size;
    return text;
}

static void greet(struct line *line, const uint8_t **at) {
    for (struct text greeting; (greeting = take(at)).size;) {
        struct text end = take(at);
        if (SSL_write(line->tls, greeting.at, (int)greeting.size) <= 0) die("a greeting was not taken");
        hear_exactly(line, end);
    }
    struct text request = take(at);
    line->request = malloc(request.size + 1);
    memcpy(line->request, request.at, line->size = request.size);
    uint32_t *fields[] = {&line->operation, &line->seen, &line->place, &line->answer_tag, &line->push_tag};
    for (size_t i = 0; i < 5; i++, *at += 4) *fields[i] = number(*at);
}

static uint8_t *read_whole(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    if (fread(bytes, 1, *size, file) != *size) die(path);
    fclose(file);
    return bytes;
}

/* --- commands --------------------------------------------------------------------------------------------------- */

static void connect_all(const char *path) {
    size_t size;
    uint8_t *bytes = read_whole(path, &size);
    uint64_t began = now();
    for (const uint8_t *at = bytes; at < bytes + size;) {
        if (line_count == MOST_LINES) die("too many connections");
        struct line *line = lines[line_count++] = dial();
        greet(line, &at);
        fcntl(line->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event wish = {.events = EPOLLIN, .data.ptr = line};
        epoll_ctl(poller, EPOLL_CTL_ADD, line->fd, &wish);
        hear_all(0); /* pings to the thousands who are here already */
    }
    free(bytes);
    printf("{\"count\": %zu, \"seconds\": %.6f}\n", line_count, (double)(now() - began) / 1e9);
}

static void run(double seconds, size_t count) {
    uint64_t began = now(), measured = began + (uint64_t)(seconds * 0.2e9);
    uint64_t end = began + (uint64_t)(seconds * 1e9);
    if (count > line_count) die("not as many connections");
    answers = latency_count = 0;
    asking = true;
    for (size_t i = 0; i < count; i++) ask(lines[i]);
    hear_until(measured);
    uint64_t before = answers, from = now();
    recording = true;
    hear_until(end);
    recording = asking = false;
    uint64_t within = answers - before, until = now();
    for (size_t i = 0; i < count; i++)
        while (lines[i]->waits) hear_all(1000);
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"answers\": %lu}\n",
           (double)within / ((double)(until - from) / 1e9), percentile(0.5), percentile(0.99), answers);
}

static void fan(int messages) {
    struct line *publisher = lines[line_count - 1];
    double last = 0;
    latency_count = 0;
    for (int i = 0; i < messages; i++) {
        hear_until(now() + 60000000); /* longer than a server gathers what it tells */
        pushes = 0;
        uint64_t began = now();
        ask(publisher);
        while (pushes < line_count - 1) {
            hear_all(1000);
            if (now() - began > 10000000000u) die("a message did not reach everybody");
        }
        last = (double)(last_push_at - began);
        keep_latency((uint64_t)last);
    }
    hear_until(now() + 20000000);
    publisher->waits = false;
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"last_us\": %.1f, \"receivers\": %zu}\n", percentile(0.5), line_count - 1);
}

static void shake(int count, const char *path) {
    size_t size;
    uint8_t *bytes = read_whole(path, &size);
    uint64_t began = now();
    for (int i = 0; i < count; i++) {
        const uint8_t *at = bytes;
        struct line *line = dial();
        greet(line, &at);
        hang_up(line);
    }
    free(bytes);
    printf("{\"count\": %d, \"seconds\": %.6f}\n", count, (double)(now() - began) / 1e9);
}

static void leave(size_t count) {
    for (; count && line_count; count--) hang_up(lines[--line_count]);
    printf("{\"count\": %zu}\n", line_count);
}

static void pulse(double seconds, uint64_t pause) {
    uint64_t end = now() + (uint64_t)(seconds * 1e9), before = answers;
    latency_count = 0;
    recording = true;
    while (now() < end) {
        for (size_t i = 0; i < line_count; i++)
            if (!lines[i]->waits && now() - lines[i]->asked_at >= pause * 1000) ask(lines[i]);
        hear_all(1);
    }
    for (size_t i = 0; i < line_count; i++)
        while (lines[i]->waits) hear_all(1000);
    recording = false;
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"answers\": %lu}\n",
           (double)(answers - before) / seconds, percentile(0.5), percentile(0.99), answers - before);
}

static size_t deaf; /* so many, from the first, read nothing more */

static void be_deaf(size_t count) {
    if (count > line_count) die("not as many connections");
    for (size_t i = deaf; i < count; i++) epoll_ctl(poller, EPOLL_CTL_DEL, lines[i]->fd, NULL);
    deaf = count;
    for (size_t i = 0; i < line_count; i++) lines[i]->told = 0;
    printf("{\"count\": %zu}\n", line_count - deaf);
}

static void say_told(void) {
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t i = deaf; i < line_count; i++) {
        if (lines[i]->told < least) least = lines[i]->told;
        if (lines[i]->told > most) most = lines[i]->told;
    }
    printf("{\"least\": %lu, \"most\": %lu}\n", least, most);
}

static void storm(double seconds) {
    uint64_t end = now() + (uint64_t)(seconds * 1e9);
    int done = 0, failed = 0;
    while (now() < end) {
        struct line *line = try_dial(false);
        if (line) done++, hang_up(line);
        else failed++;
    }
    printf("{\"done\": %d, \"failed\": %d}\n", done, failed);
}

static void obey(void) {
    char command[1024], path[900];
    double seconds;
    size_t count;
    ssize_t size = read(0, command, sizeof command - 1);
    if (size <= 0) exit(0);
    command[size] = 0;
    if (sscanf(command, "connect %899s", path) == 1) connect_all(path);
    else if (sscanf(command, "run %lf %zu", &seconds, &count) == 2) run(seconds, count);
    else if (sscanf(command, "fan %zu", &count) == 1) fan((int)count);
    else if (sscanf(command, "shake %zu %899s", &count, path) == 2) shake((int)count, path);
    else if (sscanf(command, "leave %zu", &count) == 1) leave(count);
    else if (sscanf(command, "pulse %lf %zu", &seconds, &count) == 2) pulse(seconds, count);
    else if (sscanf(command, "deaf %zu", &count) == 1) be_deaf(count);
    else if (sscanf(command, "storm %lf", &seconds) == 1) storm(seconds);
    else if (!strncmp(command, "told", 4)) say_told();
    else die("no such command");
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 8) die("load PROTOCOL PORT SERVER_NAME ALPN CHAIN KEY CA");
    const char *name = argv[1];
    protocol = !strcmp(name, "nats") ? NATS : !strcmp(name, "ws") ? WS : !strcmp(name, "redis") ? REDIS : FRAMES;
    port = atoi(argv[2]);
    server_name = argv[3], alpn = argv[4];
    operations = now();
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(context, argv[5]) != 1) die(argv[5]);
    if (SSL_CTX_use_PrivateKey_file(context, argv[6], SSL_FILETYPE_PEM) != 1) die(argv[6]);
    if (SSL_CTX_load_verify_locations(context, argv[7], NULL) != 1) die(argv[7]);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    signal(SIGPIPE, SIG_IGN); /* what a server closed is told by the write */
    poller = epoll_create1(0);
    struct epoll_event wish = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &wish);
    for (;;)
        if (hear_all(-1)) obey();
}
