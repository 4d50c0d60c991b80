// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using static Sealock.Api.Tables.Cells;

namespace Sealock.Api.Tables;

/// <summary>Columns of v1 Pod.</summary>
public static class PodColumns
{
    /// <summary>The columns in order.</summary>
    public static ImmutableArray<Column> Pods { get; } =
    [
        Name,
        Of("Ready", "How many of the pod's containers are ready.", o => PodSummary.Of(o).Ready),
        Of("Status", "What the pod's containers are doing, in one word.", o => PodSummary.Of(o).Status),
        Of("Restarts", "How often the containers were restarted, and when last.", (o, now) => PodSummary.Of(o).RestartsAt(now)),
        Age,
        Of("IP", "The pod's address.", PodIP, 1),
        Of("Node", "The node that the pod is bound to.", o => Or(Text(o, "spec", "nodeName")), 1),
        Of("Nominated Node", "The node where the pod will run once there is room.", o => Or(Text(o, "status", "nominatedNodeName")), 1),
        Of("Readiness Gates", "How many of the further conditions for readiness hold.", Gates, 1),
    ];

    private static string PodIP(JsonElement item) =>
        Or(List(item, "status", "podIPs").FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            ? Text(first, "ip") : Text(item, "status", "podIP"));

    private static string Gates(JsonElement item)
    {
        var gates = List(item, "spec", "readinessGates").Select(g => Text(g, "conditionType")).ToList();
        var met = gates.Count(g => List(item, "status", "conditions").Any(c => Text(c, "type") == g && Text(c, "status") == "True"));
        return gates.Count == 0 ? "<none>" : FormattableString.Invariant($"{met}/{gates.Count}");
    }
}

/// <summary>A pod's containers in three cells.</summary>
internal sealed record PodSummary(string Ready, string Status, long Restarts, string LastRestart)
{
    public string RestartsAt(DateTimeOffset now) => Restarts > 0 && LastRestart.Length > 0
        ? FormattableString.Invariant($"{Restarts} ({HumanDuration.Since(LastRestart, now)} ago)")
        : FormattableString.Invariant($"{Restarts}");

    public static PodSummary Of(JsonElement pod)
    {
        var state = new PodState { Status = Or(Text(pod, "status", "reason"), Text(pod, "status", "phase")) };
        if (List(pod, "status", "conditions").Any(c => Text(c, "type") == "PodScheduled" && Text(c, "reason") == "SchedulingGated"))
        {
            state.Status = "SchedulingGated";
        }

        var sidecars = List(pod, "spec", "initContainers").Where(c => Text(c, "restartPolicy") == "Always")
            .Select(c => Text(c, "name")).ToHashSet(StringComparer.Ordinal);
        var total = List(pod, "spec", "containers").Count() + sidecars.Count;
        var initializing = state.LookAtInitContainers(pod, sidecars);
        if (!initializing || HasCondition(pod, "Initialized"))
        {
            state.LookAtContainers(pod);
        }

        if (Text(pod, "metadata", "deletionTimestamp").Length > 0)
        {
            state.Status = Text(pod, "status", "reason") == "NodeLost" ? "Unknown"
                : Text(pod, "status", "phase") is "Succeeded" or "Failed" ? state.Status : "Terminating";
        }

        return new(FormattableString.Invariant($"{state.Ready}/{total}"), state.Status, state.Restarts, state.LastRestart);
    }

    internal static bool HasCondition(JsonElement pod, string type) =>
        List(pod, "status", "conditions").Any(c => Text(c, "type") == type && Text(c, "status") == "True");
}

file sealed class PodState
{
    public required string Status { get; set; }

    public int Ready { get; private set; }

    public long Restarts { get; private set; }

    public string LastRestart { get; private set; } = "";

    // True: a container that must end before the others start has not ended well.
    public bool LookAtInitContainers(JsonElement pod, HashSet<string> sidecars)
    {
        var count = List(pod, "spec", "initContainers").Count();
        foreach (var (index, container) in List(pod, "status", "initContainerStatuses").Index())
        {
            Add(container);
            var isSidecar = sidecars.Contains(Text(container, "name"));
            var ended = Find(container, "state", "terminated");
            if (ended.ValueKind == JsonValueKind.Object && Number(ended, "exitCode") == 0)
            {
                continue;
            }

            if (isSidecar && IsTrue(container, "started"))
            {
                Ready += IsTrue(container, "ready") ? 1 : 0;
                continue;
            }

            var waits = Text(container, "state", "waiting", "reason");
            Status = ended.ValueKind == JsonValueKind.Object ? "Init:" + Ending(ended)
                : waits is not ("" or "PodInitializing") ? "Init:" + waits
                : FormattableString.Invariant($"Init:{index}/{count}");
            return true;
        }

        return false;
    }

    public void LookAtContainers(JsonElement pod)
    {
        var sidecars = List(pod, "spec", "initContainers").Where(c => Text(c, "restartPolicy") == "Always")
            .Select(c => Text(c, "name")).ToHashSet(StringComparer.Ordinal);
        (Restarts, LastRestart) = (0, "");
        foreach (var container in List(pod, "status", "initContainerStatuses").Where(c => sidecars.Contains(Text(c, "name"))))
        {
            Add(container);
        }

        var running = false;
        foreach (var container in List(pod, "status", "containerStatuses").Reverse())
        {
            Add(container);
            var ended = Find(container, "state", "terminated");
            if (Text(container, "state", "waiting", "reason") is { Length: > 0 } waits)
            {
                Status = waits;
            }
            else if (ended.ValueKind == JsonValueKind.Object)
            {
                Status = Ending(ended);
            }
            else if (IsTrue(container, "ready") && Find(container, "state", "running").ValueKind == JsonValueKind.Object)
            {
                running = true;
                Ready++;
            }
        }

        if (Status == "Completed" && running)
        {
            Status = PodSummary.HasCondition(pod, "Ready") ? "Running" : "NotReady";
        }
    }

    private static string Ending(JsonElement ended) => Text(ended, "reason") is { Length: > 0 } reason ? reason
        : Number(ended, "signal") != 0 ? FormattableString.Invariant($"Signal:{Number(ended, "signal")}")
        : FormattableString.Invariant($"ExitCode:{Number(ended, "exitCode")}");

    private void Add(JsonElement container)
    {
        Restarts += Number(container, "restartCount");
        var finished = Text(container, "lastState", "terminated", "finishedAt");
        if (string.CompareOrdinal(finished, LastRestart) > 0)
        {
            LastRestart = finished;
        }
    }
}
