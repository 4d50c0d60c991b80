// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Reconciling;

/// <summary>Lengths of time in the election of a leader; kube-controller-manager's defaults.</summary>
public sealed record LeadershipTimes
{
    /// <summary>How long others wait after the last sign of life before they take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader goes on trying to renew before it gives up.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Lets one of several processes lead, by a Lease (coordination.k8s.io). Clocks of others are not trusted: a lease has
/// run out when it was seen unchanged for its whole duration by this process's own clock.
/// </summary>
public sealed partial class Leadership(
    ApiClient client, string @namespace, string name, string identity, LeadershipTimes times, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);

    private string _observedVersion = "";
    private DateTimeOffset _observedAt;
    private long? _toldAt;

    /// <summary>
    /// Waits for leadership, then runs <paramref name="lead"/> until it ends, leadership is lost (its token is
    /// cancelled) or all is cancelled. The lease is released on the way out. After a loss it waits, and leads anew:
    /// <paramref name="lead"/> makes its loops anew each time.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!await TryHoldAsync(cancellationToken))
            {
                await PauseAsync(cancellationToken);
                continue;
            }

            LogAcquired(logger, identity, @namespace, name);
            using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var renewing = RenewAsync(leading);
            var work = lead(leading.Token);
            await Task.WhenAny(renewing, work);
            await leading.CancelAsync();
            try
            {
                await work;
            }
            catch (OperationCanceledException) when (leading.IsCancellationRequested)
            {
            }

            await renewing;
            await ReleaseAsync();
            if (work.IsCompletedSuccessfully && cancellationToken.IsCancellationRequested)
                return;
            LogLost(logger, identity, @namespace, name);
        }
    }

    private async Task RenewAsync(CancellationTokenSource leading)
    {
        var renewed = time.GetTimestamp();
        while (!leading.IsCancellationRequested && time.GetElapsedTime(renewed) < times.RenewDeadline)
        {
            await PauseAsync(leading.Token);
            if (!leading.IsCancellationRequested && await TryHoldAsync(leading.Token))
                renewed = time.GetTimestamp();
        }
    }

    /// <summary>Takes or renews the lease; false where another holds it or the server did not answer.</summary>
    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            var holds = await HoldAsync(cancellationToken);
            _toldAt = null;
            return holds;
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException)
        {
            Tell(fault);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lease = await client.FindAsync(ResourceTypes.Leases, @namespace, name, cancellationToken);
        if (lease is null)
        {
            await client.CreateAsync(ResourceTypes.Leases, @namespace, NewLease(now), cancellationToken);
            return true;
        }

        if (lease.Metadata.ResourceVersion != _observedVersion)
            (_observedVersion, _observedAt) = (lease.Metadata.ResourceVersion, now);
        var held = lease.Spec.HolderIdentity;
        var lasts = TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0);
        if (held.Length > 0 && held != identity && _observedAt + lasts > now)
            return false;
        await client.PatchAsync(ResourceTypes.Leases, @namespace, name, Claim(lease, now), cancellationToken: cancellationToken);
        return true;
    }

    /// <summary>What passes is told once. What somebody has to mend (no right, no such namespace) is told again while it lasts.</summary>
    private void Tell(Exception fault)
    {
        var told = TransportFault.Tell(fault);
        var stays = fault is ApiException { Code: 403 or 404 };
        var again = _toldAt is not { } before || (stays && time.GetElapsedTime(before) >= TellAgain);
        var level = again && fault is not ApiException { Code: 409 } ? LogLevel.Warning : LogLevel.Debug;
        if (level == LogLevel.Warning)
            _toldAt = time.GetTimestamp();
        if (stays)
            LogRefused(logger, level, @namespace, name, told);
        else
            LogProblem(logger, level, identity, @namespace, name, told);
    }

    private async Task ReleaseAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(times.RetryPeriod, time);
            var lease = await client.FindAsync(ResourceTypes.Leases, @namespace, name, deadline.Token);
            if (lease?.Spec.HolderIdentity != identity)
                return;
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = lease.Metadata.ResourceVersion },
                ["spec"] = new JsonObject { ["holderIdentity"] = "", ["leaseDurationSeconds"] = 1 },
            };
            await client.PatchAsync(ResourceTypes.Leases, @namespace, name, patch, cancellationToken: deadline.Token);
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            var told = TransportFault.Tell(fault);
            LogProblem(logger, LogLevel.Debug, identity, @namespace, name, told);
        }
    }

    private JsonObject NewLease(DateTimeOffset now) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
        ["spec"] = Hold(now, now, 0),
    };

    private JsonObject Claim(LeaseView lease, DateTimeOffset now)
    {
        var renews = lease.Spec.HolderIdentity == identity;
        var transitions = lease.Spec.LeaseTransitions ?? 0;
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = lease.Metadata.ResourceVersion },
            ["spec"] = Hold(renews ? lease.Spec.AcquireTime ?? now : now, now, renews ? transitions : transitions + 1),
        };
    }

    private JsonObject Hold(DateTimeOffset acquired, DateTimeOffset renewed, int transitions) => new()
    {
        ["holderIdentity"] = identity,
        ["leaseDurationSeconds"] = (int)times.LeaseDuration.TotalSeconds,
        ["acquireTime"] = Micro(acquired),
        ["renewTime"] = Micro(renewed),
        ["leaseTransitions"] = transitions,
    };

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(times.RetryPeriod, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>meta/v1 MicroTime.</summary>
    private static string Micro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads by the lease {Namespace}/{Name}")]
    private static partial void LogAcquired(ILogger logger, string identity, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Identity} leads no longer by the lease {Namespace}/{Name}")]
    private static partial void LogLost(ILogger logger, string identity, string @namespace, string name);

    [LoggerMessage(Message = "nothing is done, for the lease {Namespace}/{Name} cannot be taken: {Problem}. Grant it, or name a namespace where it is granted with --leader-election-namespace")]
    private static partial void LogRefused(ILogger logger, LogLevel level, string @namespace, string name, string problem);

    [LoggerMessage(Message = "{Identity} could not take or keep the lease {Namespace}/{Name}: {Problem}")]
    private static partial void LogProblem(ILogger logger, LogLevel level, string identity, string @namespace, string name, string problem);
}
