/**
 * A server that does nothing but answer, beside the program on a bad day: what it takes is the machine's own delay.
 *
 *   node bare-server.js PORT     answers HTTP with a page as long as a scrape, and each UDP datagram with itself
 */

import { createSocket } from "node:dgram";
import { createServer } from "node:http";

const PAGE = "#".repeat(30_000);
const port = Number(process.argv[2]);

createServer((_request, response) => response.end(PAGE)).listen(port, "127.0.0.1");
const socket = createSocket("udp4");
socket.on("message", (datagram, { port: from, address }) => socket.send(datagram, from, address));
socket.bind(port, "127.0.0.1");
