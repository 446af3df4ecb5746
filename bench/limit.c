/* What OpenSSL allows on this machine: a server that knows nothing but frames, and does as little as one can.
 *
 *   limit PORT CHAIN KEY CA REPLY_BYTES [FILE]
 *
 * REPLY_BYTES > 0: every read is answered by a frame of so many bytes. 0: who says "J" joins and is answered by a
 * frame; a frame of anybody else is repeated to all who joined. With FILE it is kept first: appended there and synced,
 * which is the least that a server does which has told nobody what a power cut takes back.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_EVENTS = 512, MOST_MEMBERS = 8192, INBOX = 16 << 10 };

struct peer {
    int fd;
    SSL *tls;
    bool joined;
};

static SSL_CTX *context;
static int poller, listener, kept = -1;
static struct peer *members[MOST_MEMBERS];
static size_t member_count, reply_size;
static uint8_t reply[1 << 16];

static void die(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void watch(int fd, struct peer *peer) {
    struct epoll_event wish = {.events = EPOLLIN, .data.ptr = peer};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &wish);
}

static void welcome(void) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct peer *peer = calloc(1, sizeof *peer);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        peer->fd = fd;
        peer->tls = SSL_new(context);
        SSL_set_fd(peer->tls, fd);
        SSL_set_accept_state(peer->tls);
        watch(fd, peer);
    }
}

static void part(struct peer *peer) {
    for (size_t i = 0; i < member_count; i++)
        if (members[i] == peer) members[i--] = members[--member_count];
    SSL_free(peer->tls);
    close(peer->fd);
    free(peer);
}

static void serve(struct peer *peer, const uint8_t *data, int size) {
    static const uint8_t joined[] = {0, 0, 0, 1, 'J'};
    if (reply_size) {
        SSL_write(peer->tls, reply, (int)reply_size);
    } else if (size == 5 && data[4] == 'J') {
        if (member_count == MOST_MEMBERS) die("too many members");
        members[member_count++] = peer;
        SSL_write(peer->tls, joined, sizeof joined);
    } else {
        if (kept >= 0 && (write(kept, data, (size_t)size) != size || fdatasync(kept))) die("keep");
        for (size_t i = 0; i < member_count; i++) SSL_write(members[i]->tls, data, size);
    }
}

static void hear(struct peer *peer) {
    static uint8_t data[INBOX];
    int size;
    while ((size = SSL_read(peer->tls, data, sizeof data)) > 0) serve(peer, data, size);
    if (SSL_get_error(peer->tls, size) != SSL_ERROR_WANT_READ) part(peer);
    ERR_clear_error();
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct epoll_event events[MOST_EVENTS];
    int yes = 1;
    if (argc != 6 && argc != 7) die("limit PORT CHAIN KEY CA REPLY_BYTES [FILE]");
    if (argc == 7 && (kept = open(argv[6], O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0) die(argv[6]);
    reply_size = strtoul(argv[5], NULL, 10);
    if (reply_size) {
        uint32_t body = htonl((uint32_t)reply_size - 4);
        memcpy(reply, &body, 4);
    }
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    if (SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1) die(argv[2]);
    if (SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1) die(argv[3]);
    if (SSL_CTX_load_verify_locations(context, argv[4], NULL) != 1) die(argv[4]);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) die("listen");
    poller = epoll_create1(0);
    watch(listener, NULL);
    for (;;) {
        int count = epoll_wait(poller, events, MOST_EVENTS, -1);
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr) hear(events[i].data.ptr);
            else welcome();
    }
}
