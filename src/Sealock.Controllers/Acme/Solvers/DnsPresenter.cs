// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Acme.Challenges;
using Sealock.Acme.Dns;
using Sealock.Acme.Solvers;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>Answers DNS-01 through a provider, and looks whether all of a zone's own servers have the answer.</summary>
internal sealed class DnsPresenter(DnsProviders providers, AcmeOptions options, DnsResolver resolver, TimeProvider time) : IPresenter
{
    private const string NoAliases = "None";

    public bool LeavesNothing => false;

    public async ValueTask<string?> PresentAsync(ChallengeView challenge, CancellationToken cancellationToken) =>
        await ChangeAsync(challenge, (provider, value) => provider.AddAsync(value, cancellationToken), cancellationToken);

    public async ValueTask<string?> CheckAsync(ChallengeView challenge, CancellationToken cancellationToken)
    {
        var servers = new List<IPEndPoint>();
        foreach (var text in challenge.Spec.Solver.Dns01!.Nameservers)
        {
            if (DnsResolver.TryParseServer(text, out var server))
                servers.Add(server);
        }

        var name = $"{Dns01Answer.Label}.{challenge.Spec.DnsName}";
        if (servers.Count == 0)
            return await new TxtPropagation(resolver, new DnsZones(resolver)).MissingAsync(name, challenge.Spec.Key, cancellationToken);
        var missing = await Task.WhenAll(servers.Select(server => MissingAtAsync(server, name, challenge.Spec.Key, cancellationToken)));
        return missing.OfType<string>().ToList() is { Count: > 0 } found ? string.Join("; ", found) : null;
    }

    /// <summary>The servers that the issuer names are asked themselves, whichever they are.</summary>
    private async Task<string?> MissingAtAsync(IPEndPoint server, string name, string value, CancellationToken cancellationToken)
    {
        var lookup = await new DnsResolver([server], time).LookUpAsync(name, DnsType.Txt, cancellationToken);
        return lookup.Status == DnsLookupStatus.Failed ? lookup.Fault
            : lookup.Records.Any(record => record.Text == value) ? null : $"{server} does not have the TXT record of {name} yet";
    }

    public async ValueTask<string?> CleanUpAsync(ChallengeView challenge, CancellationToken cancellationToken) =>
        await ChangeAsync(challenge, (provider, value) => provider.RemoveAsync(value, cancellationToken), cancellationToken);

    private async ValueTask<string?> ChangeAsync(
        ChallengeView challenge, Func<IDnsProvider, TxtValue, Task<string?>> change, CancellationToken cancellationToken)
    {
        var dns = challenge.Spec.Solver.Dns01!;
        var @namespace = challenge.Spec.IssuerRef.IsCluster ? options.ClusterResourceNamespace : challenge.Metadata.Namespace;
        var (provider, owner, problem) = await providers.MakeAsync(dns, @namespace, cancellationToken);
        using (owner)
        {
            return provider is null ? problem
                : await change(provider, new TxtValue(challenge.Spec.DnsName, await NameAsync(dns, challenge, cancellationToken), challenge.Spec.Key));
        }
    }

    /// <summary>The record's name; at the end of aliases, so that a zone can leave its validation to another.</summary>
    private async ValueTask<string> NameAsync(DnsSolverView dns, ChallengeView challenge, CancellationToken cancellationToken)
    {
        var name = $"{Dns01Answer.Label}.{challenge.Spec.DnsName}";
        if (dns.CnameStrategy == NoAliases)
            return name;
        var lookup = await resolver.LookUpAsync(name, DnsType.Txt, cancellationToken);
        return lookup.CanonicalName.Length > 0 ? lookup.CanonicalName : name;
    }
}
