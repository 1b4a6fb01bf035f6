/*
 * The least that a scrape can cost: for each request one RTM_GETSTATS dump of all links, and an answer of so many octets.
 *
 *   dump PORT OCTETS
 */

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char received[1 << 16];

/* Reads the 64-bit statistics of every link. The sum keeps the compiler from leaving it out. */
static unsigned long long dump(int netlink)
{
	struct {
		struct nlmsghdr header;
		struct if_stats_msg message;
	} request = {
		{ sizeof request, RTM_GETSTATS, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		{ .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) },
	};
	unsigned long long sum = 0;

	if (send(netlink, &request, sizeof request, 0) < 0)
		return 0;
	for (;;) {
		long left = recv(netlink, received, sizeof received, 0);

		if (left <= 0)
			return sum;
		for (struct nlmsghdr *each = (void *)received; NLMSG_OK(each, left); each = NLMSG_NEXT(each, left)) {
			if (each->nlmsg_type == NLMSG_DONE || each->nlmsg_type == NLMSG_ERROR)
				return sum;
			struct rtattr *stats = (void *)((char *)NLMSG_DATA(each) + NLMSG_ALIGN(sizeof(struct if_stats_msg)));

			sum += ((struct rtnl_link_stats64 *)RTA_DATA(stats))->rx_bytes;
		}
	}
}

int main(int count, char **arguments)
{
	if (count != 3)
		return 2;
	long octets = atol(arguments[2]);
	char *answer = malloc(octets + 200);
	int head = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", octets);
	int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;
	struct sockaddr_in here = { AF_INET, htons(atoi(arguments[1])), { htonl(INADDR_LOOPBACK) }, { 0 } };

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (void *)&here, sizeof here) < 0 || listen(listener, 8) < 0)
		return 1;
	for (;;) {
		int client = accept(listener, NULL, NULL);
		char request[4096];

		while (read(client, request, sizeof request) > 0) {
			memset(answer + head, 'a' + dump(netlink) % 16, octets);
			for (long sent = 0, now; sent < head + octets; sent += now)
				if ((now = write(client, answer + sent, head + octets - sent)) <= 0)
					break;
		}
		close(client);
	}
}
