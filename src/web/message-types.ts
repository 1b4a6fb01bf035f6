/**
 * What a server makes its requests and responses of. Express turns those of Node into its own by changing their prototypes, one by
 * one, which costs twice what answering a small request does: V8 gives up what it has learnt of such objects. Node can make them
 * of the right kind at once (http.createServer(), options IncomingMessage and ServerResponse); Express then finds nothing to change.
 */

import { IncomingMessage, type ServerOptions, ServerResponse } from "node:http";
import type { Express } from "express";

export type MessageTypes = Required<Pick<ServerOptions, "IncomingMessage" | "ServerResponse">>;

/** To be called once for an application, and given to each server of it. */
export function messageTypes(app: Express): MessageTypes {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {}
  app.request = Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}
