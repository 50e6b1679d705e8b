/**
 * Open connections of clients, so that a stop need not wait for those that ask nothing.
 *
 * Node closes connections between two requests when a server closes. It leaves those that never sent a request
 * or sent half of its head, those whose answer began before the stop, and, on `localhost`, all of the second
 * address. Each would hold the process for as long as its client likes.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Connections {
  /** From now on end each connection that has no request under way, the others after their answer. */
  drain(): void
  /** End all of them, whatever is under way. */
  cut(): void
}

/** Node's channel for accepted connections; also of listeners that a framework opens by itself. */
const ACCEPTED = 'net.server.socket'

export function trackConnections(app: FastifyInstance): Connections {
  /** How many requests are under way on each. */
  const open = new Map<Socket, number>()
  let isDraining = false

  const portOf = (server: Server | undefined) => (server?.address() as AddressInfo | null | undefined)?.port
  const onAccepted = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket & { readonly server?: Server } }
    const port = portOf(socket.server)
    if (port === undefined || port !== portOf(app.server)) return
    if (isDraining) return void socket.destroy()
    open.set(socket, 0)
    socket.once('close', () => open.delete(socket))
  }
  subscribe(ACCEPTED, onAccepted)

  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw
    if (!open.has(socket)) return
    open.set(socket, open.get(socket)! + 1)
    reply.raw.once('close', () => {
      const left = (open.get(socket) ?? 1) - 1
      if (open.has(socket)) open.set(socket, left)
      // What was answered is in the operating system's hands before the socket ends.
      if (isDraining && left === 0) socket.destroySoon()
    })
  })
  app.addHook('onClose', async () => unsubscribe(ACCEPTED, onAccepted))

  return {
    drain: () => {
      isDraining = true
      for (const [socket, requests] of open) if (requests === 0) socket.destroy()
    },
    cut: () => {
      for (const socket of open.keys()) socket.destroy()
    },
  }
}
