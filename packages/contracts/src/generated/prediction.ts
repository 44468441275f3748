// Generated from openapi/prediction.yaml by generate.ts; not edited by hand.

export interface paths {
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What serves now, and what it still needs */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/risks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every host's risk at the last tick */
        get: operations["listRisks"];
        put?: never;
        /**
         * The risk of hosts with a given load added
         * @description One row a pair, in the order asked. Without `addedCpuPercent` it is the host's own risk.
         */
        post: operations["scoreRisks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The host least likely to fail, for a server to move to
         * @description Runs the same policy code as Migration does, on the same view; decides nothing.
         */
        post: operations["rankDestinations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Trainings, newest first */
        get: operations["listTrainings"];
        put?: never;
        /** Train a model on what Monitoring holds */
        post: operations["startTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trainings/{trainingId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One training, with its progress */
        get: operations["getTraining"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models, newest first */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        /** One model */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models/{version}/activation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let this model serve (also the way back to an earlier one) */
        post: operations["activateModel"];
        delete?: never;
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
        /** @description What answers in the model's place and why; null when the model answers. */
        Fallback: {
            /** @enum {string} */
            name: "persistence";
            reason: string;
        } | null;
        PredictionStatus: {
            /** @enum {string} */
            state: "collecting" | "training" | "serving";
            /** @description tensorflow, wasm or cpu; null until it was needed. */
            backend: string | null;
            tickMs: number;
            windowTicks: number;
            horizonTicks: number;
            thresholdPercent: number;
            /**
             * Format: date-time
             * @description End of the newest scored tick; null before the first.
             */
            lastTick: string | null;
            model: components["schemas"]["Model"] | null;
            fallback: components["schemas"]["Fallback"];
            training: components["schemas"]["Training"] | null;
        };
        Reason: {
            feature: string;
            /** @description Share in the log-odds of the risk; positive raises it. */
            contribution: number;
            /** @description In words, with the value. */
            detail: string;
        };
        HostRisks: {
            /**
             * Format: date-time
             * @description End of the newest scored tick; null before the first.
             */
            tick: string | null;
            horizonMs: number;
            thresholdPercent: number;
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
            risks: {
                hostId: string;
                /** @description Probability of crossing the threshold within the horizon; null when unknown. */
                risk: number | null;
                /** @description Why there is no risk: a word (no-samples, stale, gaps, unknown-host, stale-tick, no-tick), a colon, and a sentence. */
                unknownReason: string | null;
                reasons: components["schemas"]["Reason"][];
            }[];
        };
        RiskPair: {
            hostId: components["schemas"]["HostId"];
            serverId?: components["schemas"]["ServerId"];
            /**
             * @description The server's load in percent of this host's CPU.
             * @default 0
             */
            addedCpuPercent?: number;
        };
        PairRisk: {
            hostId: string;
            serverId: string | null;
            /** @description With the load added. */
            risk: number | null;
            /** @description Without it. */
            hostRisk: number | null;
            /** @description Highest CPU expected within the horizon with the load added; null where the model has no such output. */
            predictedMaxCpuPercent: number | null;
            unknownReason: string | null;
            reasons: components["schemas"]["Reason"][];
        };
        DestinationRanking: {
            serverId: string;
            policy: string;
            destination: string | null;
            stayReason: string | null;
            ranking: {
                hostId: string;
                /** @description The policy's; lower is better. */
                score: number;
                risk: number | null;
                cpuPercent: number | null;
                reasons: components["schemas"]["Reason"][];
            }[];
            rejected: {
                hostId: string;
                why: string;
                detail: string;
            }[];
            modelVersion: string | null;
            fallback: components["schemas"]["Fallback"];
        };
        Training: {
            id: string;
            /** @enum {string} */
            state: "queued" | "running" | "completed" | "failed";
            progress: number;
            requestedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            endedAt: string | null;
            backend: string | null;
            /** @description What it is doing. */
            detail: string;
            modelVersion: string | null;
            problem: components["schemas"]["Problem"] | null;
        };
        Model: {
            version: string;
            kind: string;
            createdAt: components["schemas"]["Timestamp"];
            active: boolean;
            seed: number;
            windowTicks: number;
            horizonTicks: number;
            tickMs: number;
            thresholdPercent: number;
            dataFrom: components["schemas"]["Timestamp"];
            dataTo: components["schemas"]["Timestamp"];
            hosts: number;
            /** @description Host-ticks with a sample that it was trained on. */
            rows: number;
            features: string[];
            /** @description SHA-256 of the stored model. */
            checksum: string;
            /** @description On the newest part of the data, held back from the training. */
            metrics: {
                rows: number;
                baseRate: number | null;
                onsetAveragePrecision: number | null;
                persistenceOnsetAveragePrecision: number | null;
                onsetAuroc: number | null;
                brier: number | null;
                persistenceBrier: number | null;
            };
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
        /** @example neural-4937e02a */
        ModelVersion: components["schemas"]["ResourceId"];
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
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRisks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One row a host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostRisks"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    scoreRisks: {
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
                 *       "pairs": [
                 *         {
                 *           "hostId": "compute2",
                 *           "addedCpuPercent": 8.3
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    pairs: components["schemas"]["RiskPair"][];
                };
            };
        };
        responses: {
            /** @description The risks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description End of the newest scored tick; null before the first.
                         */
                        tick: string | null;
                        horizonMs: number;
                        thresholdPercent: number;
                        modelVersion: string | null;
                        fallback: components["schemas"]["Fallback"];
                        risks: components["schemas"]["PairRisk"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rankDestinations: {
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
                 *       "serverId": "6f0d2c3e-7c3f-4f0a-9d53-0d5c3a8a1f01",
                 *       "policy": "least-risk"
                 *     }
                 */
                "application/json": {
                    serverId: components["schemas"]["ServerId"];
                    /** @description Default: every host. */
                    candidates?: components["schemas"]["HostId"][];
                    /** @default least-risk */
                    policy?: string;
                    /** @default 1 */
                    seed?: number;
                };
            };
        };
        responses: {
            /** @description The ranking. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationRanking"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTrainings: {
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
                        trainings: components["schemas"]["Training"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startTraining: {
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
                 *       "lastMs": 10800000
                 *     }
                 */
                "application/json": {
                    /** @description How far back to learn from. Default: by configuration. */
                    lastMs?: number;
                    /** @default 1 */
                    seed?: number;
                };
            };
        };
        responses: {
            /** @description Queued. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7463ce18-afdd-42b4-834e-afa0b8852d95 */
                trainingId: components["schemas"]["ResourceId"];
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
                    "application/json": components["schemas"]["Training"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listModels: {
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
                        models: components["schemas"]["Model"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
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
                    "application/json": components["schemas"]["Model"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    activateModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example neural-4937e02a */
                version: components["parameters"]["ModelVersion"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It serves. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
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
