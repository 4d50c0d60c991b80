// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Issuance;

/// <summary>What can be known to fail before anything is ordered: failed orders count towards a server's limits.</summary>
public static class Preflight
{
    /// <summary>The first thing that cannot work, in one line with the remedy; null where nothing is known. Pure.</summary>
    /// <param name="order">What is asked for.</param>
    /// <param name="directory">What the server offers.</param>
    /// <param name="types">The challenge types that can be answered.</param>
    internal static string? Refuse(AcmeOrderRequest order, AcmeDirectory directory, IReadOnlyList<string> types)
    {
        if (RefuseNames(order.Identifiers, types) is { } refusal)
            return refusal;
        if (order.Profile is { } profile && !directory.Meta.Profiles.ContainsKey(profile))
        {
            var names = string.Join(", ", directory.Meta.Profiles.Keys.Order(StringComparer.Ordinal).Take(20));
            return names.Length > 0
                ? $"the server has no profile '{profile}': choose one of {names}"
                : $"the server has no profiles: leave '{profile}' out";
        }

        return null;
    }

    /// <summary>The first thing about the names that cannot work, whichever server is asked; null where nothing is known. Pure.</summary>
    /// <param name="identifiers">The names.</param>
    /// <param name="types">The challenge types that can be answered.</param>
    public static string? RefuseNames(IReadOnlyList<AcmeIdentifier> identifiers, IReadOnlyList<string> types)
    {
        if (identifiers.Count == 0)
            return "there is no name to ask a certificate for";
        if (types.Count == 0)
            return "there is no way to prove control of the names: set up http-01, tls-alpn-01 or dns-01";
        if (identifiers.FirstOrDefault(identifier => identifier.IsWildcard) is { } wildcard && !types.Contains(ChallengeTypes.Dns01))
            return $"{wildcard} is a wildcard, which is validated by dns-01 only: set it up, or leave the wildcard out";
        if (identifiers.FirstOrDefault(identifier => identifier.Type == AcmeIdentifier.Ip) is { } address
            && types.All(type => type == ChallengeTypes.Dns01))
            return $"{address} is an IP address, which is validated by http-01 or tls-alpn-01 only: set one of them up";
        return null;
    }

    /// <summary>The CAA records that forbid the certificate, told in one line; null where there are none.</summary>
    internal static async Task<string?> RefuseByCaaAsync(
        CaaCheck check, AcmeOrderRequest order, CaaSubject subject, IssuanceOptions options, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        var names = order.Identifiers.Where(identifier => identifier.Type == AcmeIdentifier.Dns);
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellationToken },
            async (identifier, stop) =>
            {
                var methods = subject.Methods.Where(method => !identifier.IsWildcard || method == ChallengeTypes.Dns01).ToList();
                var verdict = await check.RunAsync(identifier.BaseName, identifier.IsWildcard, subject with { Methods = methods }, stop);
                if (verdict.IsUnknown)
                    options.Progress($"warning: CAA is not checked for {identifier}: {verdict.Reason}; it is ordered all the same, and the CA looks for itself");
                if (!verdict.IsAllowed)
                {
                    lock (refusals)
                        refusals.Add($"{identifier}: {verdict.Reason}");
                }
            });
        return refusals.Count == 0 ? null : string.Join("; ", refusals.Order(StringComparer.Ordinal));
    }
}
