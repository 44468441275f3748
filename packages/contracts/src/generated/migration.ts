// Generated from openapi/migration.yaml by generate.ts; not edited by hand.

export interface paths {
    "/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The destination policies */
        get: operations["listPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mode and policy in force */
        get: operations["getSettings"];
        /** Change mode or policy */
        put: operations["replaceSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kill-switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is every move held back? */
        get: operations["getKillSwitch"];
        /**
         * Hold every move back, or let them go again
         * @description Engaged, no live migration is requested any more, whatever asked for it. A move that Nova has begun goes on to its end.
         */
        put: operations["setKillSwitch"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/modes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Modes of rules, aggregates and VNFs */
        get: operations["getModes"];
        /**
         * Set them
         * @description The most specific holds (server, aggregate of either host, alarm rule, the mode of `/settings`); of several as specific the most careful. `controlShare` of the alarms whose mode is `recommend` is left without a proposal.
         */
        put: operations["replaceModes"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose VNFs are whose */
        get: operations["getOwners"];
        /**
         * Declare whose VNFs are whose
         * @description A subject is a token's name. With the role viewer it sees, approves and vetoes moves of its own VNFs only.
         */
        put: operations["replaceOwners"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/guardrails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What holds moves back, how full it is, and what it held back lately */
        get: operations["getGuardrails"];
        /**
         * Put other limits in force
         * @description They hold from now on, also for operations that have not asked Nova yet. Times are milliseconds.
         */
        put: operations["replaceGuardrails"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/guardrails/breaker/closure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close the breaker
         * @description The failures up to now are forgotten; whoever closes it has seen to their cause.
         */
        post: operations["closeBreaker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/maintenance-windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Times in which hosts are left alone */
        get: operations["listMaintenanceWindows"];
        put?: never;
        /**
         * Leave a host, or every host, alone for a time
         * @description Nothing is moved onto the host, and nothing off it but what empties it for the maintenance itself. Times of a weekly window are UTC. At most 200 windows.
         */
        post: operations["declareMaintenanceWindow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/maintenance-windows/{windowId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                windowId: components["schemas"]["ResourceId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a window, or take it back */
        delete: operations["endMaintenanceWindow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Decisions, newest first */
        get: operations["listDecisions"];
        put?: never;
        /**
         * Decide for a host now, without an alarm
         * @description The decision is only proposed, whatever the mode; approve it to carry it out.
         */
        post: operations["makeDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The newest event of the decisions' chain
         * @description Also appended to `decision-heads.jsonl` in the data folder, logged and counted. Whoever keeps heads elsewhere can tell a chain that was written anew as a whole.
         */
        get: operations["getDecisionHead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Was a decision's record changed, and where?
         * @description Each decision is told of by events (`made`, `outcome`), each chained to the one before by the SHA-256 of that one's hash and its own canonical JSON. Checked are the links and that each decision still is what its newest event tells.
         */
        get: operations["verifyDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{decisionId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        /** One decision */
        get: operations["getDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{decisionId}/counterfactuals": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        /**
         * What every policy would have chosen in its place
         * @description From the same frozen view, the same list of servers and destinations and the same scores. Kept for decisions that alarms asked for.
         */
        get: operations["getCounterfactuals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/scoreboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How each policy's choices fared
         * @description Of every decision that alarms asked for: whether the host that each policy would have chosen stayed below the threshold for the horizon. The rate is of those that were seen and that no own move blurs.
         */
        get: operations["getScoreboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{decisionId}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Carry a proposed decision out
         * @description By whom its mode names, and by the VNF's owner.
         */
        post: operations["approveDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{decisionId}/veto": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse a proposed decision
         * @description By whom its mode names, and by the VNF's owner. Its host rests for a while.
         */
        post: operations["vetoDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/servers/{serverId}/movability": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dd441819-9f49-4db8-b5b5-61038256bc4a */
                serverId: components["schemas"]["ServerId"];
            };
            cookie?: never;
        };
        /**
         * Why a server can or cannot be moved, and where to
         * @description Looks at the server as a decision would, Placement included, and decides nothing.
         */
        get: operations["getMovability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/optimizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Optimizations, newest first */
        get: operations["listOptimizations"];
        put?: never;
        /**
         * Search for moves that lower the chains' delay and the hosts' risk
         * @description Global re-placement of all chains, or of those named, by large-neighbourhood search. The objective is `weights.delayMs` × the chains' end-to-end delay summed, plus `weights.risk` × the hosts' risks summed, plus `weights.move` × the number of moves. Nothing moves before the proposal is approved. With the same fleet, seed and `maxIterations` the proposal is the same, unless the time runs out first.
         */
        post: operations["requestOptimization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/optimizations/{optimizationId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
            };
            cookie?: never;
        };
        /** One optimization */
        get: operations["getOptimization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/optimizations/{optimizationId}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have the proposed moves made
         * @description In their order, those that share no host side by side. Each becomes a decision of its own (`trigger.kind` optimization), meets every guardrail when its turn comes and once more before the call, and is carried out as an operation like any other. One that is held back waits; one that fails takes those with it that build on it.
         */
        post: operations["approveOptimization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/optimizations/{optimizationId}/veto": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse a proposal, or call a search off */
        post: operations["vetoOptimization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Operations, newest first */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Operations as they change (server-sent events)
         * @description Event `operation` with the operation as GET shows it, each time that it has changed; changes in quick succession come as one. The event's id is the time of the change: with it in `Last-Event-ID`, as browsers send it by themselves, a reader goes on where it stopped (among the newest 5,000 operations); some events may then come twice. `dropped` with how many were left out because the reader was too slow; a comment every 15 s. At most 100 readers.
         */
        get: operations["streamOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{operationId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        /** One operation */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{operationId}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a move
         * @description Before the live migration it is simply not begun; while Nova copies, Nova is asked to abort. Afterwards it is refused.
         */
        post: operations["abortOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{operationId}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin what failed again
         * @description In FAILED_TEMP only (SOL003): the failed step is begun again; a live migration that Nova has ended is prechecked and asked for anew, one that may still be on its way is gone on with. Asked twice, it is done once.
         */
        post: operations["retryOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{operationId}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the move back
         * @description In FAILED_TEMP only (SOL003): a server that has arrived is moved back by live migration and its chains are re-pathed. Asked twice, it is done once.
         */
        post: operations["rollbackOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{operationId}/fail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave the move as it is
         * @description In FAILED_TEMP only (SOL003): the operation ends as FAILED and frees what it had reserved; nothing more is done to the server. Asked twice, it is done once.
         */
        post: operations["failOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hosts/{hostId}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Empty a host for maintenance
         * @description Every server leaves by a decision and an operation of its own. This request is itself their approval, whatever the mode; the kill switch and the limit of concurrent moves hold all the same. Members of one chain do not move at the same time. What cannot be moved is named from the start. Until it is released (DELETE) nothing is moved to the host.
         */
        post: operations["drainHost"];
        /**
         * Give a host back after its drain
         * @description Its compute service is enabled again if the drain disabled it, and the host may be a destination. A drain that runs is cancelled first.
         */
        delete: operations["releaseHost"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-drains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Host drains, newest first */
        get: operations["listHostDrains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-drains/{hostDrainId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostDrainId: components["parameters"]["HostDrainId"];
            };
            cookie?: never;
        };
        /** One host drain: how far it is, who is left and why */
        get: operations["getHostDrain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-drains/{hostDrainId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostDrainId: components["parameters"]["HostDrainId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a host drain
         * @description Nothing more is begun; a move that Nova has begun goes on to its end. The host stays held until it is released.
         */
        post: operations["cancelHostDrain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hosts/{hostId}/fencing": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm that a host that went down is cut off: its servers are evacuated
         * @description `operator`: you have seen to it yourself that the host is off, and stays off. `hook`: the configured fencing hook is asked. Either is itself the approval of the evacuation, whatever the mode. Then Nova is told (`forced_down`), and each server is made anew elsewhere by a decision and an operation of its own, the chains that matter most first. Refused (409) where the host is up by Nova and its series are fresh: a server that is made anew while its first one lives is there twice. A host that gives a sign of life after it was fenced is not evacuated (any further).
         */
        post: operations["confirmFencing"];
        /**
         * Have Nova use a host again that was forced down
         * @description Only after the incident has ended. Nova refuses (409, in its words) until the host's compute service has started again and cleaned up what was evacuated from it.
         */
        delete: operations["releaseFencing"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hosts that went down, newest first */
        get: operations["listHostIncidents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-incidents/{hostIncidentId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostIncidentId: components["parameters"]["HostIncidentId"];
            };
            cookie?: never;
        };
        /** One host-down incident: what says so, who confirmed the fencing, how far the evacuation is */
        get: operations["getHostIncident"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/host-incidents/{hostIncidentId}/dismissal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostIncidentId: components["parameters"]["HostIncidentId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a host-down incident without an evacuation
         * @description Only before the evacuation has begun. Another one is opened when the host comes back and goes down again.
         */
        post: operations["dismissHostIncident"];
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
        /**
         * @description What may become of a plan: shown only (an operator may carry it out all the same), carried out once somebody who may approves, or carried out at once.
         * @enum {string}
         */
        Mode: "recommend" | "approve" | "auto";
        HostReason: {
            reason: string;
        };
        /** @enum {string} */
        HostDrainState: "draining" | "cancelling" | "done" | "partly" | "cancelled";
        /** @enum {string} */
        HostIncidentState: "open" | "fencing" | "fenced" | "evacuating" | "evacuated" | "partly" | "recovered" | "dismissed";
        /** @description A server of a host that is being emptied. */
        LeavingServer: {
            serverId: string;
            name: string;
            /**
             * @description `blocked` cannot leave as things are; `gone` was moved or deleted by somebody else.
             * @enum {string}
             */
            state: "waiting" | "blocked" | "moving" | "moved" | "gone";
            why: string | null;
            tries: number;
            /**
             * Format: date-time
             * @description Not tried again before.
             */
            notBefore: string | null;
            decisionId: string | null;
            operationId: string | null;
            destinationHostId: string | null;
        };
        /** @description How many servers are how far. */
        LeavingProgress: {
            waiting: number;
            blocked: number;
            moving: number;
            moved: number;
            gone: number;
        };
        HostDrain: {
            id: string;
            hostId: string;
            state: components["schemas"]["HostDrainState"];
            reason: string;
            requestedBy: string;
            policy: string;
            maxConcurrentMoves: number;
            /**
             * @description What became of the compute service; only one that the drain disabled is enabled again.
             * @enum {string}
             */
            service: "not-asked" | "to-disable" | "disabled" | "was-disabled" | "enabled";
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            /** Format: date-time */
            releasedAt: string | null;
            /** @description Why nothing goes on just now. */
            heldBack: string | null;
            progress: components["schemas"]["LeavingProgress"];
            servers: components["schemas"]["LeavingServer"][];
            history: {
                state: components["schemas"]["HostDrainState"];
                at: components["schemas"]["Timestamp"];
                by: string | null;
                reason: string | null;
            }[];
        };
        HostIncident: {
            id: string;
            hostId: string;
            state: components["schemas"]["HostIncidentState"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            /** @description What says that the host is down. */
            evidence: {
                /** @enum {string} */
                nova: "up" | "down" | "unknown";
                /** @enum {string} */
                series: "fresh" | "dead" | "unknown";
                at: components["schemas"]["Timestamp"];
            };
            hook: {
                tries: number;
                outcome: string | null;
            };
            fencing: {
                /** @enum {string} */
                means: "operator" | "hook";
                confirmedBy: string;
                reason: string;
                at: components["schemas"]["Timestamp"];
                /** Format: date-time */
                forcedDownAt: string | null;
            } | null;
            /** @description What has to happen before it goes on. */
            waitsFor: string | null;
            /** Format: date-time */
            releasedAt: string | null;
            progress: components["schemas"]["LeavingProgress"];
            servers: components["schemas"]["LeavingServer"][];
            history: {
                state: components["schemas"]["HostIncidentState"];
                at: components["schemas"]["Timestamp"];
                by: string | null;
                reason: string | null;
            }[];
        };
        /** @enum {string} */
        DecisionState: "proposed" | "approved" | "vetoed" | "expired" | "executed" | "stay";
        /**
         * @description SOL003 LcmOperationStateType.
         * @enum {string}
         */
        OperationState: "STARTING" | "PROCESSING" | "COMPLETED" | "FAILED_TEMP" | "FAILED" | "ROLLING_BACK" | "ROLLED_BACK";
        Policy: {
            name: string;
            goal: string;
            needs: string[];
            /** @description JSON schema of each parameter. */
            params: {
                [key: string]: unknown;
            };
            summary: string;
        };
        SettingsSpec: {
            mode: components["schemas"]["Mode"];
            policy: string;
            policyParams?: components["schemas"]["PolicyParams"];
        };
        /** @description Parameters of the policy, within the bounds of its schema at /policies; the default of each that is not given. */
        PolicyParams: {
            [key: string]: number;
        };
        Settings: {
            mode: components["schemas"]["Mode"];
            policy: string;
            policyParams: components["schemas"]["PolicyParams"];
            /** Format: date-time */
            updatedAt: string | null;
            updatedBy: string | null;
        };
        KillSwitch: {
            engaged: boolean;
            reason: string | null;
            /** Format: date-time */
            updatedAt: string | null;
            updatedBy: string | null;
        };
        Subject: string;
        /** @description Whoever has the role or a higher one (null, nobody by a role), and whoever is named. */
        Approvers: {
            /** @enum {string|null} */
            role: "operator" | "admin" | null;
            subjects: components["schemas"]["Subject"][];
        };
        ModeRule: {
            /** @enum {string} */
            scope: "rule" | "aggregate" | "server";
            /** @description The alarm rule's id, the aggregate's name, or the server's id. */
            id: string;
            mode: components["schemas"]["Mode"];
            /** @description Null: any operator. */
            approvers?: components["schemas"]["Approvers"] | null;
        };
        ModesSpec: {
            rules: components["schemas"]["ModeRule"][];
            controlShare: number;
        };
        Modes: {
            rules: components["schemas"]["ModeRule"][];
            controlShare: number;
            /** Format: date-time */
            updatedAt: string | null;
            updatedBy: string | null;
        };
        Ownership: {
            subject: components["schemas"]["Subject"];
            serverIds?: components["schemas"]["ServerId"][];
            tags?: string[];
            /** @description Keystone's projects; every server of theirs is the subject's. */
            projectIds?: string[];
        };
        OwnersSpec: {
            owners: components["schemas"]["Ownership"][];
        };
        Owners: {
            owners: components["schemas"]["Ownership"][];
            /** Format: date-time */
            updatedAt: string | null;
            updatedBy: string | null;
        };
        DecisionHead: {
            sequence: number;
            hash: string;
            /** Format: date-time */
            at: string | null;
        };
        HostForecast: {
            hostId: string;
            cpuPercentBefore: number | null;
            cpuPercentAfter: number | null;
            risk: number | null;
        };
        PredictedEffect: {
            source: components["schemas"]["HostForecast"];
            destination: components["schemas"]["HostForecast"];
        };
        MeasuredLoad: {
            cpuPercentBefore: number | null;
            cpuPercentAfter: number | null;
        } | null;
        MeasuredEffect: {
            source: components["schemas"]["MeasuredLoad"];
            destination: components["schemas"]["MeasuredLoad"];
            sourceReliefPercent: number | null;
            destinationRisePercent: number | null;
            durationMs: number | null;
            gapMs: number | null;
            chains: {
                chainId: string;
                before: components["schemas"]["ChainQuality"];
                during: components["schemas"]["ChainQuality"];
                after: components["schemas"]["ChainQuality"];
            }[];
        };
        /** @enum {string} */
        GuardrailName: "kill-switch" | "breaker" | "maintenance-window" | "plan-expiry" | "concurrent-moves" | "cluster-budget" | "host-out-budget" | "host-in-budget" | "cooldown" | "cycle";
        Verdict: {
            guardrail: components["schemas"]["GuardrailName"];
            /**
             * @description `needs-approval`: a person may let it through.
             * @enum {string}
             */
            result: "allowed" | "held-back" | "needs-approval";
            reason: string;
            /**
             * Format: date-time
             * @description When it may be otherwise; null when that is somebody's to say.
             */
            until: string | null;
        };
        /** @description A token bucket: `burst` moves at once, refilled at `perHour`. */
        Budget: {
            perHour: number;
            burst: number;
        };
        GuardrailLimits: {
            /** @description A moved server rests `firstMs`, doubled with each move up to `maxMs`; after `quietMs` without one it starts anew. */
            cooldown: {
                firstMs: number;
                maxMs: number;
                quietMs: number;
            };
            /** @description Back to a host that the server left within `windowMs` only with somebody's approval, even in `auto`. */
            cycle: {
                windowMs: number;
            };
            budgets: {
                cluster: components["schemas"]["Budget"];
                hostIn: components["schemas"]["Budget"];
                hostOut: components["schemas"]["Budget"];
            };
            concurrentMoves: number;
            /** @description `failures` of the last `ofLast` moves stop every move; after `coolMs` one is tried. */
            breaker: {
                failures: number;
                ofLast: number;
                coolMs: number;
            };
            /** @description A plan older than this is not carried out, approved or not. */
            planExpiryMs: number;
        };
        Guardrails: {
            limits: components["schemas"]["GuardrailLimits"];
            /** Format: date-time */
            updatedAt: string | null;
            updatedBy: string | null;
            guardrails: {
                name: components["schemas"]["GuardrailName"];
                /** @description How full it is, of the cluster or of each host or server that it concerns; 50 at most. */
                fill: {
                    of: string;
                    used: number;
                    limit: number;
                    detail: string;
                    /** Format: date-time */
                    until: string | null;
                }[];
                /** @description What it held back lately, newest first; 20 at most. */
                heldBack: {
                    serverId: string;
                    sourceHostId: string;
                    destinationHostId: string;
                    reason: string;
                    times: number;
                    firstAt: components["schemas"]["Timestamp"];
                    lastAt: components["schemas"]["Timestamp"];
                    /** Format: date-time */
                    until: string | null;
                }[];
            }[];
        };
        OnceSpec: {
            from: components["schemas"]["Timestamp"];
            until: components["schemas"]["Timestamp"];
        };
        WeeklySpec: {
            days: ("sun" | "mon" | "tue" | "wed" | "thu" | "fri" | "sat")[];
            /** @description Time of day, UTC. */
            at: string;
            durationMinutes: number;
        };
        /** @description Either `once` or `weekly`. */
        MaintenanceWindowSpec: {
            /** @description Null: every host. */
            hostId: components["schemas"]["HostId"] | null;
            reason: string;
            once?: components["schemas"]["OnceSpec"];
            weekly?: components["schemas"]["WeeklySpec"];
        };
        MaintenanceWindow: {
            id: string;
            hostId: string | null;
            reason: string;
            once: components["schemas"]["OnceSpec"] | null;
            weekly: components["schemas"]["WeeklySpec"] | null;
            createdAt: components["schemas"]["Timestamp"];
            createdBy: string;
        };
        Decision: {
            id: string;
            state: components["schemas"]["DecisionState"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            trigger: {
                /** @enum {string} */
                kind: "alarm" | "manual" | "host-drain" | "host-down" | "optimization";
                /** @description The optimization that it is a move of; only there for one. */
                optimizationId?: string;
                alarmIds: string[];
                ruleIds: string[];
                requestedBy: string | null;
            };
            hostId: string;
            mode: components["schemas"]["Mode"];
            /** @description Where the mode comes from: the most specific that is set, of several as specific the most careful. `alarm`: the rule in Monitoring may only recommend. */
            modeFrom: {
                /** @enum {string} */
                scope: "default" | "alarm" | "rule" | "aggregate" | "server";
                id: string | null;
            };
            approvers: components["schemas"]["Approvers"];
            /** @description Whose VNF it would move. */
            owners: string[];
            /** @description Left without action on purpose, to see what comes of it. */
            controlGroup: boolean;
            policy: string;
            seed: number;
            serverId: string | null;
            destinationHostId: string | null;
            stayReason: string | null;
            /** @description The servers of the host that were considered, the largest CPU share first. */
            victims: {
                serverId: string;
                name: string;
                /** @description Percent of the host's CPU; null when unknown. */
                cpuSharePercent: number | null;
                chosen: boolean;
                /** @description Of its best pair, the less the better; absent where nothing was weighed. */
                score?: number;
                obstacle?: components["schemas"]["ObstacleName"];
                why: string;
            }[];
            /** @description Destinations of the chosen server that the policy ranked, best first; 64 at most. */
            candidates: components["schemas"]["RankedHost"][];
            /** @description 256 at most. */
            rejected: components["schemas"]["RejectedHost"][];
            /** @description How many more candidates and rejected there were. */
            omitted: {
                candidates: number;
                rejected: number;
            };
            /** @description Moves that should follow, as this one alone does not calm the host; it is looked again after each. */
            furtherMoves: {
                serverId: string;
                name: string;
                hostId: string;
            }[];
            /** @description The decision for this host before it, made since the same alarm was raised: so a series of moves is read from its last to its first. Null where it is the first, or no alarm asked for it. It may have been forgotten since. */
            follows: string | null;
            data: components["schemas"]["DataWindow"];
            modelVersion: string | null;
            fallback: string | null;
            /** @description Tells one code of the policy from another. */
            policyVersion: string;
            /** @description The policy's parameters that it was made with. */
            params: {
                [key: string]: number;
            };
            /** @description What the planned move was expected to do; null where none is planned. */
            predicted: components["schemas"]["PredictedEffect"] | null;
            /** @description What the move did; null until its operation has ended. */
            measured: components["schemas"]["MeasuredEffect"] | null;
            /** @description How often the same was decided again. */
            looks: number;
            /** @description What each guardrail said to the planned move; empty where none was planned. */
            guardrails: components["schemas"]["Verdict"][];
            /** @description The move that was planned, but held back or left alone; null where there is none. */
            heldBack: {
                serverId: string;
                destinationHostId: string;
            } | null;
            operationId: string | null;
            history: {
                state: components["schemas"]["DecisionState"];
                at: components["schemas"]["Timestamp"];
                by: string | null;
                reason: string | null;
            }[];
        };
        /** @description Nova's own view of the live migration; null before it was requested. */
        NovaMove: {
            /**
             * Format: date-time
             * @description When Nova was asked.
             */
            requestedAt?: string;
            requestId: string | null;
            migrationId: number | null;
            status: string | null;
            memoryTotalBytes: number | null;
            memoryProcessedBytes: number | null;
            memoryRemainingBytes: number | null;
            /** @description The least that was ever left to copy. */
            leastRemainingBytes?: number | null;
            /**
             * Format: date-time
             * @description When its status last changed, or less was left to copy than ever before.
             */
            advancedAt?: string;
            /**
             * Format: date-time
             * @description When Nova was told to complete it by force.
             */
            forcedAt?: string | null;
            /** Format: date-time */
            endedAt?: string | null;
        } | null;
        RankedHost: {
            hostId: string;
            /** @description The policy's own. */
            score: number;
            cpuPercent: number | null;
            risk: number | null;
            reasons: string[];
            /** @description What the pair's score is made of, each weighted; absent where the policy alone decides. */
            terms?: {
                /** @description The less the better. */
                total: number;
                /** @description The policy's score, as a share of its worst. */
                place: number;
                /** @description Overload that the move leaves on the source. */
                relief: number;
                /** @description What the move takes, and what its stop does to chains. */
                cost: number;
                /** @description What it does to the delay of chains. */
                delay: number;
            };
            /** @description What the move was expected to take; null where nobody could tell. */
            cost?: {
                expectedMs: number;
                downtimeMs: number;
                trafficBytes: number;
                converges: boolean;
                method: string;
            } | null;
            /** @description The chains that the server is in, one way from first to last hop, before and after. */
            chains?: {
                chainId: string;
                beforeMs: number | null;
                afterMs: number | null;
                promisedMs: number | null;
                criticality: number;
            }[];
        };
        DataWindow: {
            observedAt: components["schemas"]["Timestamp"];
            inventoryAgeMs: number | null;
            /** @description Of the samples that were used. */
            oldestSampleAgeMs: number | null;
        };
        RejectedHost: {
            hostId: string;
            why: string;
            detail: string;
        };
        Movability: {
            serverId: string;
            name: string;
            hostId: string | null;
            /** @description Nothing is against it, it does not rest, and a host could take it. */
            movable: boolean;
            /** @description What is against moving it live at all. */
            obstacles: {
                name: components["schemas"]["ObstacleName"];
                detail: string;
            }[];
            /** @description Why it is left alone for now. */
            rests: string | null;
            /** @description Hosts that could take it; no policy has judged them. */
            destinations: {
                hostId: string;
                cpuPercent: number | null;
                risk: number | null;
            }[];
            rejected: components["schemas"]["RejectedHost"][];
            /** @description Why Placement could not be asked; null where it was. */
            unasked: string | null;
            data: components["schemas"]["DataWindow"];
        };
        /**
         * @description What is against moving a server live at all.
         * @enum {string}
         */
        ObstacleName: "state" | "task" | "locked" | "pinned" | "local-disk" | "numa" | "hugepages" | "cpu-pinning" | "sriov" | "pci" | "vtpm" | "sev";
        LoadEffect: {
            cpuPercentBefore: number | null;
            cpuPercentAfter: number | null;
        };
        /**
         * @description `nothing`: no move would make it better. `partly`: some moves were not made.
         * @enum {string}
         */
        OptimizationState: "computing" | "proposed" | "nothing" | "failed" | "approved" | "vetoed" | "expired" | "completed" | "partly";
        OptimizationScore: {
            objective: number;
            /** @description End-to-end delay summed over the chains. */
            totalDelayMs: number;
            /** @description Risks summed over the hosts of known risk: how many are expected to saturate. */
            totalRisk: number;
            moves: number;
        };
        Optimization: {
            id: string;
            state: components["schemas"]["OptimizationState"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            requestedBy: string;
            approvedBy: string | null;
            /** Format: date-time */
            approvedAt: string | null;
            request: {
                chainIds: string[] | null;
                weights: {
                    delayMs: number;
                    risk: number;
                    move: number;
                };
                moveBudget: number;
                maxRisk: number;
                assumedDelayMs: number;
                timeLimitMs: number;
                maxIterations: number;
                seed: number;
            };
            /** @description Null until the search is over. */
            result: {
                observedAt: components["schemas"]["Timestamp"];
                inventoryAgeMs: number | null;
                oldestSampleAgeMs: number | null;
                modelVersion: string | null;
                fallback: string | null;
                searched: {
                    hosts: number;
                    servers: number;
                    chains: number;
                };
                iterations: number;
                durationMs: number;
                outOfTime: boolean;
                before: components["schemas"]["OptimizationScore"];
                after: components["schemas"]["OptimizationScore"];
                /** @description The chains whose delay changes, and the 100 slowest of the others. */
                chains: {
                    chainId: string;
                    name: string;
                    beforeMs: number;
                    afterMs: number;
                    /** @description Legs between hosts whose delay nobody knows. */
                    assumedLegs: number;
                }[];
                /** @description Slow chains and hosts at risk that no move of the proposal helps, the worst first. */
                unimproved: {
                    /** @enum {string} */
                    kind: "chain" | "host";
                    id: string;
                    /** @enum {string} */
                    reason: "nothing-nearer" | "cannot-move" | "no-room" | "kept-apart" | "host-closed" | "elsewhere" | "risk-too-high" | "move-budget" | "no-order" | "not-worth-it";
                    detail: string;
                }[];
            } | null;
            /** @description In an order in which each is possible when its turn comes. */
            moves: {
                serverId: string;
                serverName: string;
                from: string;
                to: string;
                /** @description Once it is made, those before it made too. */
                objectiveAfter: number;
                /** @description It only makes way and moves again later. */
                detour: boolean;
                chainIds: string[];
                /** @description The links on its way. */
                crosses: string[];
                /** @description What it is expected to do, those before it made too; null where a host is unknown. */
                predicted: components["schemas"]["PredictedEffect"] | null;
                /** @enum {string} */
                state: "proposed" | "waiting" | "moving" | "done" | "failed" | "skipped";
                why: string | null;
                decisionId: string | null;
                operationId: string | null;
            }[];
            problem: {
                code: string;
                detail: string;
            } | null;
            history: {
                state: components["schemas"]["OptimizationState"];
                at: components["schemas"]["Timestamp"];
                by: string | null;
                reason: string | null;
            }[];
        };
        ChainQuality: {
            requestsPerSecond: number | null;
            responseTimeMs: number | null;
        } | null;
        Operation: {
            id: string;
            /** @enum {string} */
            kind: "live-migration" | "evacuate";
            /** @description The host drain or host-down incident that it is part of. */
            work: {
                /** @enum {string} */
                kind: "host-drain" | "host-incident";
                id: string;
            } | null;
            decisionId: string;
            serverId: string;
            serverName: string;
            sourceHostId: string;
            destinationHostId: string;
            state: components["schemas"]["OperationState"];
            step: components["schemas"]["StepName"];
            attempt: number;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            /** Format: date-time */
            endedAt: string | null;
            durationMs: number | null;
            steps: {
                /**
                 * @description `go-back`: a server that had arrived is moved back.
                 * @enum {string}
                 */
                name: "reserve" | "precheck" | "drain" | "migrate" | "verify" | "repath" | "probe" | "undrain" | "settle" | "go-back";
                startedAt: components["schemas"]["Timestamp"];
                /** Format: date-time */
                endedAt: string | null;
                /** @enum {string} */
                outcome: "running" | "done" | "skipped" | "failed";
                detail: string | null;
            }[];
            nova: components["schemas"]["NovaMove"];
            /** @description What live migrations came to that ended before the operation was begun again. */
            earlierMoves?: components["schemas"]["NovaMove"][];
            /** @description The way back of a server that had arrived; null where none was wanted. */
            back?: {
                at: components["schemas"]["Timestamp"];
                by: string;
                reason: string;
                /** @enum {string} */
                stage: "migrate" | "verify" | "repath";
                nova: components["schemas"]["NovaMove"];
            } | null;
            /** @description What follows FAILED_TEMP; `wait`: retry, rollback or fail is waited for until `at`, and `otherwise` follows then. Null in any other state. */
            recovery?: {
                /** @enum {string} */
                kind: "retry" | "roll-back" | "fail" | "wait";
                /** Format: date-time */
                at: string | null;
                /** @enum {string|null} */
                otherwise: "roll-back" | "fail" | null;
            } | null;
            /** @description What operators answered to its failures, oldest first. */
            answers?: {
                /** @enum {string} */
                kind: "retry" | "rollback" | "fail";
                at: components["schemas"]["Timestamp"];
                by: string;
            }[];
            /** @description The live migration, as foretold by Prediction before the call (null where it did not tell) and as it is. */
            progress?: {
                /** @description Memory that need not be sent any more. */
                percent: number | null;
                expectedMs: number | null;
                /** @description 90 % interval. */
                lowMs: number | null;
                highMs: number | null;
                expectedDowntimeMs: number | null;
                method: string | null;
                /** @description Whether the copy was foretold to end by itself. */
                converges: boolean | null;
                /** @description From the request to the record's end; null before. */
                actualMs: number | null;
            };
            /** @description The server taken out of its stateless hops before the move; null where that was not looked at. */
            drain?: {
                /** @description NFVO's drain; null where none was asked for. */
                id: string | null;
                /**
                 * @description none: no hop may lose it. asked: it may have begun. back: it is in its hops again. stuck: it could not be put back.
                 * @enum {string}
                 */
                state: "none" | "planned" | "asked" | "out" | "back" | "stuck";
                /** @description Hops that it was taken out of. */
                hops: number;
                detail: string | null;
            } | null;
            /** @description What the move did to its hosts, measured for the settle time and for as long before the call; null before that. */
            effects?: {
                measuredFrom: components["schemas"]["Timestamp"];
                measuredTo: components["schemas"]["Timestamp"];
                source: components["schemas"]["LoadEffect"];
                destination: components["schemas"]["LoadEffect"];
                /** @description Percentage points of CPU that the source fell by. */
                sourceReliefPercent: number | null;
                /** @description Percentage points of CPU that the destination rose by. */
                destinationRisePercent: number | null;
                /**
                 * @description Whether samples of the server have come from its new place.
                 * @enum {string}
                 */
                serverMetrics: "flowing" | "silent" | "unknown";
            } | null;
            repath: {
                /** @enum {string} */
                state: "running" | "completed" | "failed" | "not-needed" | "not-available";
                hops: number;
                gapMs: number | null;
            } | null;
            chains: {
                chainId: string;
                before: components["schemas"]["ChainQuality"];
                during: components["schemas"]["ChainQuality"];
                after: components["schemas"]["ChainQuality"];
            }[];
            problem: components["schemas"]["Problem"] | null;
        };
        /** @enum {string} */
        StepName: "reserve" | "precheck" | "drain" | "migrate" | "verify" | "repath" | "probe" | "undrain" | "settle";
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
        /** @description It will be done; the operation, as it stands, tells what came of it. */
        OperationAsked: {
            headers: {
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Operation"];
            };
        };
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
        /** @example compute1 */
        HostId: components["schemas"]["HostId"];
        HostDrainId: components["schemas"]["ResourceId"];
        HostIncidentId: components["schemas"]["ResourceId"];
        DecisionId: components["schemas"]["ResourceId"];
        OptimizationId: components["schemas"]["ResourceId"];
        OperationId: components["schemas"]["ResourceId"];
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
    listPolicies: {
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
                        policies: components["schemas"]["Policy"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceSettings: {
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
                 *       "mode": "recommend",
                 *       "policy": "least-risk",
                 *       "policyParams": {
                 *         "maxRisk": 0.4
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["SettingsSpec"];
            };
        };
        responses: {
            /** @description In force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getKillSwitch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The switch. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillSwitch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setKillSwitch: {
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
                 *       "engaged": false,
                 *       "reason": "drill is over"
                 *     }
                 */
                "application/json": {
                    engaged: boolean;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description In force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillSwitch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getModes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They; where none is set the mode of `/settings` holds. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Modes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceModes: {
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
                 *       "rules": [
                 *         {
                 *           "scope": "aggregate",
                 *           "id": "edge",
                 *           "mode": "approve",
                 *           "approvers": {
                 *             "role": "admin",
                 *             "subjects": [
                 *               "ann"
                 *             ]
                 *           }
                 *         },
                 *         {
                 *           "scope": "rule",
                 *           "id": "host-cpu-high",
                 *           "mode": "auto"
                 *         }
                 *       ],
                 *       "controlShare": 0.05
                 *     }
                 */
                "application/json": components["schemas"]["ModesSpec"];
            };
        };
        responses: {
            /** @description In force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Modes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getOwners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each subject with what is its own. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Owners"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceOwners: {
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
                 *       "owners": [
                 *         {
                 *           "subject": "tenant-a",
                 *           "tags": [
                 *             "owner:tenant-a"
                 *           ],
                 *           "projectIds": [
                 *             "9f3c1d2e4b5a46978899aabbccddeeff"
                 *           ]
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["OwnersSpec"];
            };
        };
        responses: {
            /** @description In force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Owners"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getGuardrails: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every guardrail. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceGuardrails: {
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
                 *       "cooldown": {
                 *         "firstMs": 1800000,
                 *         "maxMs": 14400000,
                 *         "quietMs": 43200000
                 *       },
                 *       "cycle": {
                 *         "windowMs": 259200000
                 *       },
                 *       "budgets": {
                 *         "cluster": {
                 *           "perHour": 30,
                 *           "burst": 10
                 *         },
                 *         "hostIn": {
                 *           "perHour": 4,
                 *           "burst": 3
                 *         },
                 *         "hostOut": {
                 *           "perHour": 4,
                 *           "burst": 3
                 *         }
                 *       },
                 *       "concurrentMoves": 4,
                 *       "breaker": {
                 *         "failures": 2,
                 *         "ofLast": 10,
                 *         "coolMs": 1800000
                 *       },
                 *       "planExpiryMs": 600000
                 *     }
                 */
                "application/json": components["schemas"]["GuardrailLimits"];
            };
        };
        responses: {
            /** @description In force. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    closeBreaker: {
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
                 *       "reason": "the switch between the racks is mended"
                 *     }
                 */
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Closed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Guardrails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listMaintenanceWindows: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that have not passed, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        windows: components["schemas"]["MaintenanceWindow"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    declareMaintenanceWindow: {
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
                 *       "hostId": "compute2",
                 *       "reason": "new firmware",
                 *       "weekly": {
                 *         "days": [
                 *           "sun"
                 *         ],
                 *         "at": "02:00",
                 *         "durationMinutes": 120
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MaintenanceWindowSpec"];
            };
        };
        responses: {
            /** @description Declared. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaintenanceWindow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endMaintenanceWindow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                windowId: components["schemas"]["ResourceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It holds nothing back any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listDecisions: {
        parameters: {
            query?: {
                state?: components["schemas"]["DecisionState"];
                hostId?: components["schemas"]["HostId"];
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
                        decisions: components["schemas"]["Decision"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    makeDecision: {
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
                 *       "hostId": "compute1",
                 *       "policy": "least-risk"
                 *     }
                 */
                "application/json": {
                    hostId: components["schemas"]["HostId"];
                    serverId?: components["schemas"]["ServerId"];
                    policy?: string;
                    seed?: number;
                };
            };
        };
        responses: {
            /** @description Decided; `state` says what. */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDecisionHead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
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
                    "application/json": components["schemas"]["DecisionHead"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    verifyDecisions: {
        parameters: {
            query?: {
                /**
                 * @description The first event to look at.
                 * @example 1
                 */
                from?: number;
                /** @example 10000 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        intact: boolean;
                        /** @description 0 where there is no event. */
                        fromSequence: number;
                        toSequence: number;
                        /** @description 100 at most. */
                        faults: {
                            sequence: number;
                            decisionId: string | null;
                            fault: string;
                        }[];
                        head: components["schemas"]["DecisionHead"];
                        /** @description Where to go on; null at the end. */
                        nextFrom: number | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
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
                    "application/json": components["schemas"]["Decision"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCounterfactuals: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One choice a policy, judged once the horizon has passed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        decisionId: string;
                        /** @description The one that decided. */
                        policy: string;
                        horizonMs: number;
                        choices: {
                            policy: string;
                            /** @description Null where it would have stayed. */
                            serverId: string | null;
                            destinationHostId: string | null;
                            /**
                             * @description Of the host that it chose (its own, where it would have stayed); `censored`: own moves touched it; `unknown`: nobody saw it, or the policy could not judge.
                             * @enum {string}
                             */
                            health: "pending" | "healthy" | "overloaded" | "censored" | "unknown";
                        }[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getScoreboard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One line a policy, by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        horizonMs: number;
                        overloadPercent: number;
                        policies: {
                            policy: string;
                            decisions: number;
                            wouldMove: number;
                            healthy: number;
                            overloaded: number;
                            censored: number;
                            unknown: number;
                            /** @description With its 95 % interval (Wilson); null where nothing was seen. */
                            healthyRate: {
                                rate: number;
                                low: number;
                                high: number;
                            } | null;
                        }[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    approveDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its operation has begun. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    vetoDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                decisionId: components["parameters"]["DecisionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the host is in maintenance tonight"
                 *     }
                 */
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Refused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMovability: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dd441819-9f49-4db8-b5b5-61038256bc4a */
                serverId: components["schemas"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As of now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Movability"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOptimizations: {
        parameters: {
            query?: {
                state?: components["schemas"]["OptimizationState"];
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
            /** @description A page; the newest 100 settled ones are kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        optimizations: components["schemas"]["Optimization"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    requestOptimization: {
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
                 *       "weights": {
                 *         "delayMs": 1,
                 *         "risk": 10,
                 *         "move": 0.1
                 *       },
                 *       "moveBudget": 10,
                 *       "seed": 1
                 *     }
                 */
                "application/json": {
                    /** @description Whose delay counts; default all. VNFs of other chains may move too, for the hosts' risk. */
                    chainIds?: components["schemas"]["ResourceId"][];
                    weights?: {
                        /** @default 1 */
                        delayMs?: number;
                        /** @default 10 */
                        risk?: number;
                        /** @default 0.1 */
                        move?: number;
                    };
                    /**
                     * @description Most moves, those included that only make way.
                     * @default 20
                     */
                    moveBudget?: number;
                    /**
                     * @description No VNF arrives where the risk would be higher.
                     * @default 0.5
                     */
                    maxRisk?: number;
                    /**
                     * @description What a leg counts between two hosts whose delay the topology does not tell.
                     * @default 1
                     */
                    assumedDelayMs?: number;
                    /** @default 10000 */
                    timeLimitMs?: number;
                    /** @default 20000 */
                    maxIterations?: number;
                    seed?: number;
                };
            };
        };
        responses: {
            /** @description The search waits, or runs; look at it until its state is another. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Optimization"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getOptimization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
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
                    "application/json": components["schemas"]["Optimization"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    approveOptimization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The moves begin. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Optimization"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    vetoOptimization: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                optimizationId: components["parameters"]["OptimizationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "not before the weekend"
                 *     }
                 */
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Refused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Optimization"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOperations: {
        parameters: {
            query?: {
                state?: components["schemas"]["OperationState"];
                serverId?: components["schemas"]["ServerId"];
                updatedSince?: components["schemas"]["Timestamp"];
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
                        operations: components["schemas"]["Operation"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    streamOperations: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Id of the last event that was read, milliseconds since the epoch. Without it only what changes from now on is told.
                 * @example 1795176000000
                 */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Goes on until the reader leaves. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
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
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    abortOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["OperationAsked"];
            default: components["responses"]["Problem"];
        };
    };
    retryOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["OperationAsked"];
            default: components["responses"]["Problem"];
        };
    };
    rollbackOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["OperationAsked"];
            default: components["responses"]["Problem"];
        };
    };
    failOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["OperationAsked"];
            default: components["responses"]["Problem"];
        };
    };
    drainHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "new memory tonight",
                 *       "disableService": true,
                 *       "maxConcurrentMoves": 2
                 *     }
                 */
                "application/json": {
                    reason: string;
                    /**
                     * @description Also keep Nova's scheduler from putting anything there.
                     * @default true
                     */
                    disableService?: boolean;
                    /** @description Destination policy; the one in force by default. */
                    policy?: string;
                    /** @default 2 */
                    maxConcurrentMoves?: number;
                };
            };
        };
        responses: {
            /** @description It has begun. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostDrain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    releaseHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Released. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostDrain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHostDrains: {
        parameters: {
            query?: {
                state?: components["schemas"]["HostDrainState"];
                hostId?: components["schemas"]["HostId"];
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
                        hostDrains: components["schemas"]["HostDrain"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHostDrain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostDrainId: components["parameters"]["HostDrainId"];
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
                    "application/json": components["schemas"]["HostDrain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cancelHostDrain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostDrainId: components["parameters"]["HostDrainId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the part has not come"
                 *     }
                 */
                "application/json": components["schemas"]["HostReason"];
            };
        };
        responses: {
            /** @description Asked. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostDrain"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    confirmFencing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "means": "operator",
                 *       "reason": "power cut off at the rack"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    means: "operator" | "hook";
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Taken. */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostIncident"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    releaseFencing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example compute1 */
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nova uses it again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostIncident"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHostIncidents: {
        parameters: {
            query?: {
                state?: components["schemas"]["HostIncidentState"];
                hostId?: components["schemas"]["HostId"];
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
                        hostIncidents: components["schemas"]["HostIncident"][];
                        nextCursor: components["schemas"]["Cursor"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHostIncident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostIncidentId: components["parameters"]["HostIncidentId"];
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
                    "application/json": components["schemas"]["HostIncident"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    dismissHostIncident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostIncidentId: components["parameters"]["HostIncidentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "planned power cut"
                 *     }
                 */
                "application/json": components["schemas"]["HostReason"];
            };
        };
        responses: {
            /** @description Closed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostIncident"];
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
