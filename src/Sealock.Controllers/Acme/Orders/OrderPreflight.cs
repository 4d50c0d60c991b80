// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>What can be known to fail before anything is ordered: failed orders count towards a server's limits.</summary>
internal sealed class OrderPreflight(
    AcmeOptions options, Presenters presenters, CaaCheck caa, TimeProvider time, EventRecorder? events = null)
{
    private const int Parallel = 8;

    /// <summary>DNS servers that do not answer hold an order up for no longer.</summary>
    private static readonly TimeSpan CaaLimit = TimeSpan.FromSeconds(5);

    /// <summary>The reason, with the remedy; null where nothing is known.</summary>
    public async ValueTask<string?> RefuseAsync(
        OrderView order, AcmeSession session, IReadOnlyList<AcmeIdentifier> names, AcmeDirectory directory, CancellationToken cancellationToken)
    {
        if (order.Spec.Profile is { Length: > 0 } profile && !directory.Meta.Profiles.ContainsKey(profile))
        {
            var known = string.Join(", ", directory.Meta.Profiles.Keys.Order(StringComparer.Ordinal).Take(20));
            return known.Length > 0
                ? $"the ACME server has no profile '{profile}': choose one of {known}"
                : $"the ACME server has no profiles: leave spec.acme.profile of the {session.Issuer.Kind} out";
        }

        foreach (var name in names)
        {
            if (RefuseSolver(order, session, name, SolverChoice.PossibleTypes(name)) is { } refusal)
                return refusal;
        }

        return options.CheckCaa ? await RefuseByCaaAsync(order, session, names, directory, cancellationToken) : null;
    }

    /// <summary>Why no solver of the issuer can show control of a name; null where one can, as far as is known.</summary>
    public string? RefuseSolver(OrderView order, AcmeSession session, AcmeIdentifier name, IReadOnlyCollection<string> types)
    {
        var choice = SolverChoice.Pick(session.Settings.Solvers, name.Value, types, order.Metadata.Labels, order.Metadata.Annotations);
        if (choice is not null)
            return presenters.Refuse(choice.Solver) is { } refusal ? $"{name}: {refusal}" : null;
        var remedy = name.IsWildcard ? "a wildcard is validated by dns01 only"
            : name.Type == AcmeIdentifier.Ip ? "an IP address is validated by http01 or tlsALPN01 only"
            : "look at their selectors";
        return $"{name}: none of the solvers of the {session.Issuer.Kind} {session.Issuer.Metadata.Name} is for it ({remedy})";
    }

    private async ValueTask<string?> RefuseByCaaAsync(
        OrderView order, AcmeSession session, IReadOnlyList<AcmeIdentifier> names, AcmeDirectory directory, CancellationToken cancellationToken)
    {
        if (directory.Meta.CaaIdentities.Count == 0)
            return null;
        var (refusals, unknown) = (new List<string>(), new List<string>());
        using var limit = new CancellationTokenSource(CaaLimit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                names.Where(name => name.Type == AcmeIdentifier.Dns),
                new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop.Token },
                async (name, cancel) =>
                {
                    var choice = SolverChoice.Pick(
                        session.Settings.Solvers, name.Value, SolverChoice.PossibleTypes(name), order.Metadata.Labels, order.Metadata.Annotations);
                    var subject = new CaaSubject
                    {
                        Issuers = directory.Meta.CaaIdentities,
                        AccountUrl = session.Account.Url,
                        Methods = choice is null ? [] : [choice.Solver.Type],
                    };
                    var verdict = await caa.RunAsync(name.BaseName, name.IsWildcard, subject, cancel);
                    if (verdict.IsUnknown)
                    {
                        lock (unknown)
                            unknown.Add($"{name}: {verdict.Reason}");
                    }

                    if (!verdict.IsAllowed)
                    {
                        lock (refusals)
                            refusals.Add($"{name}: {verdict.Reason}");
                    }
                });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            unknown.Add($"the DNS servers do not answer within {CaaLimit.TotalSeconds:0} s");
        }

        if (unknown.Count > 0)
        {
            events?.Say(
                AcmeResources.ApiVersion, OrderView.Kind, order.Metadata, EventRecorder.Warning, "CAANotChecked",
                $"CAA records were not checked: {string.Join("; ", unknown.Order(StringComparer.Ordinal))}; it is ordered all the same, and the CA looks for itself");
        }

        return refusals.Count == 0 ? null : string.Join("; ", refusals.Order(StringComparer.Ordinal));
    }
}
