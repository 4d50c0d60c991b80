// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>
/// Makes orders at the server, each once: where one may have been made whose URL was lost, the account's orders are looked
/// through first, as far as the server lists them.
/// </summary>
internal sealed class OrderPlacing(AcmeObjects objects, AcmeOptions options, TimeProvider time)
{
    private const int MostLookedAt = 50;

    // Orders at the server that were given to an Order of ours, whose status may not tell yet.
    private readonly ConcurrentDictionary<string, string> _given = new(StringComparer.Ordinal);

    /// <summary>An order for the names: one that was lost, or a new one.</summary>
    public async ValueTask<AcmeResult<AcmeOrder>> PlaceAsync(
        OrderView order, AcmeSession session, IReadOnlyList<AcmeIdentifier> names, bool mayHaveBeenMade, CancellationToken cancellationToken)
    {
        if (mayHaveBeenMade)
        {
            var (lost, failure) = await FindLostAsync(order, session, names, cancellationToken);
            if (failure is not null)
                return new AcmeResult<AcmeOrder> { Failure = failure };
            if (lost is not null)
                return new AcmeResult<AcmeOrder> { Value = lost };
        }

        var request = new AcmeOrderRequest
        {
            Identifiers = names,
            NotAfter = order.Spec.Duration is { } duration && session.Settings.EnableDurationFeature ? time.GetUtcNow() + duration : null,
            Profile = order.Spec.Profile.Length > 0 ? order.Spec.Profile : null,
            Replaces = order.Spec.Replaces.Length > 0 ? order.Spec.Replaces : null,
        };
        options.FaultPoint?.Invoke("acme.order.new");
        var made = await session.Client.NewOrderAsync(session.Account, request, cancellationToken);
        if (!made.IsOk && request.Replaces is not null && (made.Failure.Is(ProblemKinds.AlreadyReplaced) || made.Failure.Is(ProblemKinds.Malformed)))
            made = await session.Client.NewOrderAsync(session.Account, request with { Replaces = null }, cancellationToken);
        options.FaultPoint?.Invoke("acme.order.made");
        if (made.IsOk)
            _given.TryAdd(made.Value.Url, order.Metadata.Uid);
        return made;
    }

    /// <summary>The order's URL is stored, or the order is over.</summary>
    public void Forget(string url) => _given.TryRemove(url, out _);

    private async ValueTask<(AcmeOrder? Order, AcmeFailure? Failure)> FindLostAsync(
        OrderView order, AcmeSession session, IReadOnlyList<AcmeIdentifier> names, CancellationToken cancellationToken)
    {
        var list = await session.Client.ListOrdersAsync(session.Account, cancellationToken: cancellationToken);
        if (!list.IsOk)
            return (null, list.Failure.IsTransient || list.Failure.Is(ProblemKinds.AccountDoesNotExist) ? list.Failure : null);
        var wanted = names.ToHashSet();
        var others = objects.Orders().Select(other => other.Status.Url).ToHashSet(StringComparer.Ordinal);
        foreach (var url in list.Value.Reverse().Where(url => !others.Contains(url)).Take(MostLookedAt))
        {
            if (_given.TryGetValue(url, out var whose) && whose != order.Metadata.Uid)
                continue;
            var read = await session.Client.GetOrderAsync(session.Account, url, cancellationToken);
            if (!read.IsOk)
            {
                if (read.Failure.IsTransient)
                    return (null, read.Failure);
                continue;
            }

            if (read.Value.Status is AcmeStatus.Pending or AcmeStatus.Ready && wanted.SetEquals(read.Value.Identifiers)
                && (_given.TryAdd(url, order.Metadata.Uid) || _given.GetValueOrDefault(url) == order.Metadata.Uid))
                return (read.Value, null);
        }

        return (null, null);
    }
}
