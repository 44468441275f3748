// Generated from openapi/nfvo.yaml by generate.ts; not edited by hand.

export interface paths {
    "/sfcrs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** SFC requests */
        get: operations["listSfcrs"];
        put?: never;
        /** Make an SFC request */
        post: operations["createSfcr"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sfcrs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete an SFC request that no chain uses */
        delete: operations["deleteSfcr"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sfcs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Service function chains */
        get: operations["listSfcs"];
        put?: never;
        /**
         * Make a chain
         * @description A failure midway takes everything back that was made for it.
         */
        post: operations["createSfc"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sfcs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** One chain */
        get: operations["getSfc"];
        /** Change a chain's requests or members; what is not given stays */
        put: operations["updateSfc"];
        post?: never;
        /** Delete a chain, its hops and its port pairs */
        delete: operations["deleteSfc"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sfcs/{id}/probe": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a chain from end to end, as the operator has configured
         * @description Runs the probe that the service's settings name for the chain: an HTTP request or a command. The caller chooses neither. A failed probe is an answer, not an error; `none` where no probe is configured for the chain.
         */
        post: operations["probeSfc"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sfcs/{id}/drainable": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * Whether a drain would take a server out of a hop of the chain
         * @description Asked before each move. Only a hop that is marked `stateless` may lose a member: of a chain with no such mark, and of one that nobody has heard of, the answer is no, without a look at networking-sfc.
         */
        get: operations["getDrainable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/promises": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What chains promise
         * @description Those chains that something was said of. It is told from what was recorded, without a look at networking-sfc: a chain that somebody else has deleted may still be among them.
         */
        get: operations["listPromises"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repaths": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Re-renders, newest first */
        get: operations["listRepaths"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repaths/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** One re-render */
        get: operations["getRepath"];
        /**
         * Re-render every hop that a moved server is a member of
         * @description Idempotent by id: the same id again goes on where it stopped, or answers with the finished record. Answers when it is done, or when a hop failed: `state` is then `failed`, `problem` says why, and what may succeed later is tried again by the service itself. A hop that is closed in gaps stays closed meanwhile. networking-sfc keeps sending to the old host after a live migration until the hop is rendered anew.
         */
        put: operations["repath"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/drains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Drains, newest first */
        get: operations["listDrains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/drains/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** One drain */
        get: operations["getDrain"];
        /**
         * Take a server out of its stateless hops that have another member, before it moves
         * @description Idempotent by id: the same id again goes on where it stopped, or answers with the record. A hop that is not marked `stateless`, or has no other member, keeps the server and says why. The re-path after the move (`PUT /repaths/{id}`) puts the server back, and ends the drain; without a move, `DELETE /drains/{id}` does.
         */
        put: operations["drain"];
        post?: never;
        /**
         * Put the server back into the hops that it was taken out of
         * @description Idempotent. Its other hops are left as they are: after a move they need `PUT /repaths/{id}`, which puts back what was drained as well.
         */
        delete: operations["undrain"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/standbys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Standbys, newest first */
        get: operations["listStandbys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/standbys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** One standby */
        get: operations["getStandby"];
        /**
         * Replace the only member of a stateless hop by a second instance, without a gap
         * @description A server like the first one starts on the host that Prediction names (or `hostId`), joins the hop once it is ACTIVE and warm, and then the first one leaves. The first server goes on running, out of the chain. Idempotent by id; the work goes on after the answer. What fails before the first has left is taken back.
         */
        put: operations["standby"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a VNF */
        post: operations["createVnf"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a VNF that is in no chain, and no end of one */
        delete: operations["deleteVnf"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/vnfs/{id}/shutdown": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a VNF's server */
        post: operations["shutdownVnf"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Containers of Zun, and the chains that they are in
         * @description 501 with the reason where the cloud has no Zun. A container may be a member of a chain; it is not started, stopped, deleted or replaced here, and cannot be live-migrated.
         */
        get: operations["listContainers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this service made, and nothing uses or is going to use any more */
        get: operations["listOrphans"];
        put?: never;
        post?: never;
        /**
         * Delete the orphans
         * @description Each is looked at again right before it is deleted. Answers with what was deleted.
         */
        delete: operations["cleanOrphans"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive? */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can it do its work now, and if not, what is missing? */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/capabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this installation can do, read from what it is connected to */
        get: operations["getCapabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics of the process */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        PortNumber: number;
        /** @description One inner list a hop; its members share the load. A server is a member by the port pair that its ports have already; else its one port is ingress and egress; of two, the one named `…in` or `…ingress` is the ingress and the one named `…out` or `…egress` the egress, else the first and the second of its interfaces. A hop that another chain has with the same members is shared with it. */
        Hops: components["schemas"]["ServerId"][][];
        /** @description Traffic from the client's port that has an address in `src_ip_prefix`, else from its first one. Of a port range, a limit that is not given is the other one. */
        SfcrSpec: {
            name: string;
            /** @description Id of the server whose traffic is meant. */
            source_client: string;
            destination_client?: string;
            src_ip_prefix?: string;
            dst_ip_prefix?: string;
            src_port_min?: components["schemas"]["PortNumber"];
            src_port_max?: components["schemas"]["PortNumber"];
            dst_port_min?: components["schemas"]["PortNumber"];
            dst_port_max?: components["schemas"]["PortNumber"];
            /** @enum {string} */
            proto?: "tcp" | "udp" | "icmp";
            bw?: number;
            delay?: number;
            duration?: number;
            nf_chain?: string[];
        };
        Sfcr: {
            id: string;
            name: string;
            /** @description Null for a classifier that was made elsewhere and names no source. */
            source_client: string | null;
            destination_client?: string | null;
            src_ip_prefix?: string | null;
            dst_ip_prefix?: string | null;
            src_port_min?: number | null;
            src_port_max?: number | null;
            dst_port_min?: number | null;
            dst_port_max?: number | null;
            proto?: string | null;
            bw?: number | null;
            delay?: number | null;
            duration?: number | null;
            nf_chain?: string[];
            /** Format: date-time */
            arrivaltime: string | null;
        };
        /**
         * @description What happens to traffic while a hop has no member: closed stops it (default), open lets it pass uninspected.
         * @enum {string}
         */
        OnGap: "closed" | "open";
        SfcSpec: {
            sfc_name: string;
            sfcr_ids: components["schemas"]["ResourceId"][];
            vnf_instance_ids: components["schemas"]["Hops"];
            /** @default false */
            is_symmetric?: boolean;
            on_gap?: components["schemas"]["OnGap"];
            /** @description One entry a hop, in their order; what a hop does not say is the chain's. */
            hop_options?: components["schemas"]["HopOptions"][];
            sla?: components["schemas"]["SlaSpec"];
        };
        SfcUpdateSpec: {
            sfcr_ids?: components["schemas"]["ResourceId"][];
            vnf_instance_ids?: components["schemas"]["Hops"];
            sla?: components["schemas"]["SlaSpec"];
        };
        Sfc: {
            id: string;
            sfc_name: string;
            sfcr_ids: string[];
            vnf_instance_ids: string[][];
            is_symmetric: boolean;
            on_gap?: components["schemas"]["OnGap"];
            hop_options?: components["schemas"]["HopOptions"][];
            sla: components["schemas"]["Sla"];
            /** @description The hops with their members, in the answer to the GET of one chain only. */
            hops?: components["schemas"]["SfcHop"][];
        };
        /** @description What the chain promises; what is not given is not promised. */
        SlaSpec: {
            bandwidth_mbps?: number;
            /** @description One way from the source to the destination. */
            delay_ms?: number;
            /** @description How much an interruption hurts, from 1, hardly, to 5; 3 where it is not said. */
            criticality?: number;
        };
        Sla: {
            bandwidth_mbps: number | null;
            delay_ms: number | null;
            criticality?: number;
        };
        ChainPromise: {
            sfc_id: string;
            sla: components["schemas"]["Sla"];
        };
        SfcHop: {
            port_pair_group_id: string;
            on_gap: components["schemas"]["OnGap"];
            stateless: boolean;
            members: {
                /** @description The server's or the container's id; a port's where nobody has it. */
                id: string;
                /** @enum {string} */
                kind: "server" | "container" | "unknown";
                /** @description Null where it is not known. */
                host_id: string | null;
                /** @description As Nova or Zun tells it, e.g. ACTIVE; null where nobody knows it. */
                status: string | null;
                /**
                 * @description in: traffic goes to it. drained: out for a move. rendering: its re-render is not ended.
                 * @enum {string}
                 */
                state: "in" | "drained" | "rendering";
            }[];
        };
        ProbeResult: {
            chainId: string;
            /** @enum {string} */
            outcome: "passed" | "failed" | "none";
            /** @description Its name in the settings. */
            probe: string | null;
            /** @enum {string|null} */
            kind: "http" | "command" | null;
            tookMs: number | null;
            detail: string;
        };
        HopOptions: {
            on_gap?: components["schemas"]["OnGap"];
            /** @description A member may be taken out under traffic, as it keeps no sessions. Default false. */
            stateless?: boolean;
        };
        Orphans: {
            orphans: {
                /** @enum {string} */
                kind: "port-pair" | "port-pair-group" | "port";
                id: string;
                name: string;
                why: string;
            }[];
        };
        VnfSpec: {
            flavor_id: string;
            node_name?: components["schemas"]["HostId"];
            vnf_name?: string;
            user_data?: string;
            image_id?: string;
            /** @description A server that the VNF is like: Prediction ranks the hosts for it by `policy`. Not with node_name. Without both, Nova's scheduler chooses. */
            like?: components["schemas"]["ServerId"];
            /** @description Default least-risk. With `like` only. */
            policy?: string;
            /** @description Collectd is set up by cloud-init to report to Monitoring as this server; user_data is kept beside it. Default: true where the settings name Monitoring's address. */
            monitoring?: boolean;
            /** @description For containers; refused for servers. */
            command?: string[];
        };
        Repath: {
            id: string;
            serverId: string;
            /** @enum {string} */
            state: "running" | "completed" | "failed";
            startedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            durationMs: number | null;
            hops: {
                portPairGroupId: string;
                chainIds: string[];
                onGap: components["schemas"]["OnGap"];
                /**
                 * @description What stood in the hop meanwhile: its other members, a holder pair (traffic stops), or nothing (traffic passes).
                 * @enum {string}
                 */
                method: "others-carry" | "holder" | "open";
                /** @enum {string} */
                state: "pending" | "running" | "completed" | "failed";
                /** @description How long the re-render stopped the hop's traffic; null until the hop is rendered. */
                gapMs: number | null;
                /** @description How long the re-render let traffic past the hop; null until the hop is rendered. */
                bypassMs: number | null;
                /** @description How long the hop was without this member. */
                outMs: number | null;
            }[];
            /** @description Chains whose traffic begins or ends at the server. networking-sfc looks the host of such an end up only when a classifier is put on the chain, so the classifier is taken off and put back. */
            ends: {
                chainId: string;
                onGap: components["schemas"]["OnGap"];
                /** @enum {string} */
                state: "pending" | "running" | "completed" | "failed";
                /** @description How long the end's ports were down; null until it is done. */
                gapMs: number | null;
                /** @description How long its traffic was not steered (onGap open); null until it is done. */
                bypassMs: number | null;
            }[];
            problem: components["schemas"]["Problem"] | null;
        };
        Drain: {
            id: string;
            serverId: string;
            /**
             * @description drained: what could be drained is. restored: the server is back in all of it.
             * @enum {string}
             */
            state: "running" | "drained" | "restored" | "failed";
            startedAt: components["schemas"]["Timestamp"];
            /**
             * Format: date-time
             * @description When it was restored; null before.
             */
            endedAt: string | null;
            hops: {
                portPairGroupId: string;
                chainIds: string[];
                /** @enum {string} */
                state: "pending" | "drained" | "kept" | "restored" | "gone";
                /** @description Why the server was kept in the hop; null where it was not. */
                why: string | null;
            }[];
            problem: components["schemas"]["Problem"] | null;
        };
        StandbySpec: {
            serverId: components["schemas"]["ServerId"];
            hostId?: components["schemas"]["HostId"];
            /** @description How Prediction ranks the hosts where no hostId is given; default least-risk. */
            policy?: string;
            userData?: string;
            monitoring?: boolean;
            /** @description How long the second instance runs before it joins; default 0. */
            warmUpMs?: number;
        };
        Standby: {
            id: string;
            serverId: string;
            /**
             * @description leaving: both are members. undoing: the second instance is being deleted.
             * @enum {string}
             */
            state: "starting" | "joining" | "leaving" | "undoing" | "completed" | "failed";
            chainId: string;
            hostId: string | null;
            standbyServerId: string | null;
            startedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            problem: components["schemas"]["Problem"] | null;
        };
        Container: {
            id: string;
            name: string;
            /** @description Zun's, e.g. Running. */
            status: string;
            hostId: string | null;
            image: string;
            chainIds: string[];
            /** @description What cannot be done with it, and why. */
            cannot: {
                /** @enum {string} */
                what: "live-migrate" | "start" | "shutdown" | "delete" | "standby";
                why: string;
            }[];
        };
        Problem: {
            /** @description Address of the description of this kind of problem. */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            /** @description Stable name of the kind of problem. */
            code: string;
            traceId: string;
            errors?: {
                /** @description Where in the request, as a JSON pointer or a parameter's name. */
                pointer: string;
                detail: string;
            }[];
        };
        Health: {
            /** @enum {string} */
            status: "ok";
            service: string;
            version: string;
            uptimeMs: number;
        };
        Readiness: {
            ready: boolean;
            parts: {
                name: string;
                ok: boolean;
                detail: string | null;
            }[];
        };
        Capabilities: {
            service: string;
            capabilities: {
                name: string;
                available: boolean;
                detail: string;
            }[];
        };
        /** @description A compute host's name, a server's UUID or a port chain's UUID. */
        ResourceId: string;
        /** @description The compute host's name. */
        HostId: string;
        ServerId: string;
        /** Format: date-time */
        Timestamp: string;
        /** @description Pass it as `cursor` for the next page; null at the end. */
        Cursor: string | null;
    };
    responses: {
        /** @description What went wrong (RFC 9457). */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "https://sidestep.example/problems/not-found",
                 *       "title": "No such thing",
                 *       "status": 404,
                 *       "detail": "There is no alarm 3f2a",
                 *       "instance": "/alarms/3f2a",
                 *       "code": "NOT_FOUND",
                 *       "traceId": "0d8f6d3ac1f34f55"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        Id: components["schemas"]["ResourceId"];
        /** @description Most rows of the page. */
        Limit: number;
        /** @description The `nextCursor` of the page before. */
        Cursor: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listSfcrs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sfcr"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSfcr: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "web",
                 *       "source_client": "2b1f6a0e-5d0e-4a43-9a0e-5d6f4f0f7a01",
                 *       "dst_ip_prefix": "10.20.0.0/24",
                 *       "proto": "tcp",
                 *       "dst_port_min": 80,
                 *       "dst_port_max": 80,
                 *       "nf_chain": [
                 *         "firewall",
                 *         "ips",
                 *         "dpi"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["SfcrSpec"];
            };
        };
        responses: {
            /** @description Its id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example 467b9d84-3f9f-4a5e-8d3f-1de2a3b4c5d6 */
                    "application/json": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteSfcr: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listSfcs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sfc"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSfc: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "sfc_name": "web-inspected",
                 *       "sfcr_ids": [
                 *         "467b9d84-3f9f-4a5e-8d3f-1de2a3b4c5d6"
                 *       ],
                 *       "vnf_instance_ids": [
                 *         [
                 *           "dd441819-9f49-4db8-b5b5-61038256bc4a"
                 *         ],
                 *         [
                 *           "8c6f0a52-0f7a-4d3e-8d1b-1a2b3c4d5e6f"
                 *         ]
                 *       ],
                 *       "is_symmetric": false
                 *     }
                 */
                "application/json": components["schemas"]["SfcSpec"];
            };
        };
        responses: {
            /** @description Its id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example 44afbd80-64a1-4a0c-8c3c-0f1e2d3c4b5a */
                    "application/json": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSfc: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sfc"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    updateSfc: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "vnf_instance_ids": [
                 *         [
                 *           "dd441819-9f49-4db8-b5b5-61038256bc4a"
                 *         ],
                 *         [
                 *           "8c6f0a52-0f7a-4d3e-8d1b-1a2b3c4d5e6f"
                 *         ]
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["SfcUpdateSpec"];
            };
        };
        responses: {
            /** @description Its id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteSfc: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    probeSfc: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the probe came to. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProbeResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDrainable: {
        parameters: {
            query: {
                /** @example dd441819-9f49-4db8-b5b5-61038256bc4a */
                serverId: components["schemas"]["ResourceId"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        drainable: boolean;
                        /** @description Why not; null where it would. */
                        why: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPromises: {
        parameters: {
            query?: {
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        promises: components["schemas"]["ChainPromise"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRepaths: {
        parameters: {
            query?: {
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        repaths: components["schemas"]["Repath"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRepath: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repath"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    repath: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a"
                 *     }
                 */
                "application/json": {
                    serverId: components["schemas"]["ServerId"];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repath"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDrains: {
        parameters: {
            query?: {
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        drains: components["schemas"]["Drain"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDrain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    drain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a"
                 *     }
                 */
                "application/json": {
                    serverId: components["schemas"]["ServerId"];
                };
            };
        };
        responses: {
            /** @description Done; `state` tells. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    undrain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listStandbys: {
        parameters: {
            query?: {
                /** @description Most rows of the page. */
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        standbys: components["schemas"]["Standby"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getStandby: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standby"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    standby: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "serverId": "dd441819-9f49-4db8-b5b5-61038256bc4a",
                 *       "warmUpMs": 10000
                 *     }
                 */
                "application/json": components["schemas"]["StandbySpec"];
            };
        };
        responses: {
            /** @description Accepted; the record tells how it goes. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standby"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createVnf: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "flavor_id": "1",
                 *       "vnf_name": "fw-9",
                 *       "image_id": "70a599e0-31e7-49b7-b260-868f441e862b"
                 *     }
                 */
                "application/json": components["schemas"]["VnfSpec"];
            };
        };
        responses: {
            /** @description Its id (the server's). */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteVnf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    shutdownVnf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Asked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listContainers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        containers: components["schemas"]["Container"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOrphans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orphans": [
                     *         {
                     *           "kind": "port-pair",
                     *           "id": "98ce670e-b24e-4367-873e-8d42f128fdad",
                     *           "name": "sidestep-1f0c-6f0d2c3e",
                     *           "why": "in no port pair group"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Orphans"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cleanOrphans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Orphans"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "service": "monitoring",
                     *       "version": "0.1.0",
                     *       "uptimeMs": 81234
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every part answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": true,
                     *       "parts": [
                     *         {
                     *           "name": "store",
                     *           "ok": true,
                     *           "detail": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Some part does not. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": false,
                     *       "parts": [
                     *         {
                     *           "name": "redis",
                     *           "ok": false,
                     *           "detail": "connection refused"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCapabilities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One entry a capability. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "service": "nfvo",
                     *       "capabilities": [
                     *         {
                     *           "name": "networking-sfc",
                     *           "available": true,
                     *           "detail": "extension sfc is listed by Neutron"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Capabilities"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text exposition format 0.0.4. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
