// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Handshakes;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Rotating;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Renewing;

/// <summary>
/// Renews leaf certificates from the configuration: node by node new files, then programs, then the proof that the new
/// certificate is served. While a CA is rotated, leaves come from whichever signs in the phase, with the chain it asks for.
/// </summary>
public sealed class Renewer(ClusterPlan plan, SetFolder folder, RotationOptions options, TimeProvider clock)
{
    /// <summary>What would be renewed. Changes nothing.</summary>
    public IReadOnlyList<Renewal> Preview(IReadOnlyList<PlannedCertificate> certificates, TimeSpan? within, CancellationToken cancellationToken) =>
        Decide(StandingSet.Read(plan, folder, cancellationToken), certificates, within);

    /// <summary>Renews. A node that fails does not keep the others from being renewed.</summary>
    /// <param name="certificates">The candidates.</param>
    /// <param name="within">Only what ends so soon; null for all.</param>
    /// <param name="cancellationToken">Stops between nodes.</param>
    /// <exception cref="RotationException">Another process changes the set.</exception>
    /// <exception cref="StagingException">Files could not be changed; the message names the remedy.</exception>
    public async Task<IReadOnlyList<Renewal>> RunAsync(
        IReadOnlyList<PlannedCertificate> certificates, TimeSpan? within, CancellationToken cancellationToken)
    {
        using var held = SetLock.TryTake(folder) ?? throw new RotationException($"another process changes {folder.Root}: wait until it has ended");
        using var area = StagingArea.Open(folder.Root, new() { StateFolder = SetFolder.StagingState });
        var standing = StandingSet.Read(plan, folder, cancellationToken);
        var material = SetMaterial.Of(standing);
        using var signers = new AuthoritySigners(standing, options.Passphrase);
        var done = new List<Renewal>();
        foreach (var node in Decide(standing, certificates, within).GroupBy(renewal => renewal.Certificate.Node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            done.AddRange(await RenewAsync(node.Key, [.. node], standing, material, signers, area, cancellationToken));
        }

        return done;
    }

    private List<Renewal> Decide(StandingSet standing, IReadOnlyList<PlannedCertificate> certificates, TimeSpan? within)
    {
        var now = clock.GetUtcNow();
        var renewals = new List<Renewal>();
        foreach (var certificate in certificates)
        {
            var found = standing[certificate];
            if (RenewalDecision.Why(found, standing[certificate.Authority].Roles, within, now) is { } why)
                renewals.Add(new() { Certificate = certificate, Reason = why, Before = found.Leaf, Programs = RestartTable.Of(certificate) });
        }

        return renewals;
    }

    private async Task<IReadOnlyList<Renewal>> RenewAsync(
        ClusterNode node, List<Renewal> renewals, StandingSet standing, SetMaterial material, AuthoritySigners signers,
        StagingArea area, CancellationToken cancellationToken)
    {
        // 1. Certificates; one that cannot be made does not keep the others from being made.
        var made = new Dictionary<string, MadeLeaf>(StringComparer.Ordinal);
        for (var i = 0; i < renewals.Count; i++)
        {
            var (leaf, problem) = Make(renewals[i].Certificate, standing, material, signers);
            renewals[i] = renewals[i] with { Problem = problem, After = leaf?.Chain[0], IsCutByAuthority = leaf is not null && IsCut(leaf, material) };
            if (leaf is not null)
                made[leaf.Planned.Title] = leaf;
        }

        if (made.Count == 0)
            return renewals;

        // 2. Files.
        var wanted = NodeFiles.Of(
            standing, material, node,
            file => NodeFiles.CertificateOf(file.Content) is { } certificate && made.ContainsKey(certificate.Title),
            certificate => made.GetValueOrDefault(certificate.Title));
        try
        {
            area.Apply(wanted);
        }
        catch (StagingException fault)
        {
            return [.. renewals.Select(renewal => renewal with { After = null, Problem = renewal.Problem ?? fault.Message })];
        }

        options.Progress($"{node}: {made.Count} certificate{(made.Count == 1 ? "" : "s")} renewed");

        // 3. Programs.
        var files = standing.Plan.Files.Where(file => file.Node == node
            && NodeFiles.CertificateOf(file.Content) is { } certificate && made.ContainsKey(certificate.Title)).ToList();
        var failure = options.Distribute is { } distribute ? await distribute(node, cancellationToken) : null;
        if (failure is null && options.Reload is { } reload)
        {
            failure = await reload.RunAsync(
                new(node, [.. made.Values.Select(leaf => leaf.Planned.Name)], [.. files.Select(file => file.Path)], folder.RootOf(node)),
                options.Progress, clock, cancellationToken);
        }

        if (failure is not null)
            return [.. renewals.Select(renewal => renewal with { Problem = renewal.Problem ?? $"renewed, but {failure}" })];

        // 4. Proof.
        return options.ByHand ? renewals : await Task.WhenAll(renewals.Select(renewal => ProveAsync(renewal, cancellationToken)));
    }

    private (MadeLeaf? Leaf, string? Problem) Make(
        PlannedCertificate certificate, StandingSet standing, SetMaterial material, AuthoritySigners signers)
    {
        if (material.RolesOf(certificate.Authority) is not { } roles)
            return (null, $"there is no certificate of {certificate.Authority}: make it with sealock pki init");
        var (signer, problem) = signers.Of(certificate.Authority);
        if (signer is null)
            return (null, problem);
        using var old = options.ReuseKeys ? standing[certificate].KeyCarrier.ReadKey(null, out _) : null;
        return LeafMaker.Make(plan.Configuration, certificate, roles, signer, old, clock.GetUtcNow());
    }

    private bool IsCut(MadeLeaf leaf, SetMaterial material) =>
        leaf.Chain[0].NotAfter == material.RolesOf(leaf.Planned.Authority)?.Signing[0].NotAfter
        && leaf.Chain[0].NotAfter - clock.GetUtcNow() < plan.Configuration.CertificateLifetime - TimeSpan.FromHours(1);

    private async Task<Renewal> ProveAsync(Renewal renewal, CancellationToken cancellationToken)
    {
        if (renewal.After is not { } leaf || options.Endpoints.FirstOrDefault(endpoint => endpoint.Title == renewal.Certificate.Title) is not { } endpoint)
            return renewal;
        var until = clock.GetUtcNow() + options.Wait;
        while (true)
        {
            var answer = await EndpointProbe.FetchAsync(
                new() { Host = endpoint.Host, Port = endpoint.Port, Timeout = options.Timeout }, clock, cancellationToken);
            if (answer.Leaf?.Equals(leaf) == true)
                return renewal with { Proof = ServedProof.Served };
            if (clock.GetUtcNow() >= until)
            {
                var seen = answer.Leaf is { } other ? $"{endpoint} still serves the certificate with serial {other.SerialNumber}" : $"{endpoint} cannot be asked: {answer.Failure}";
                return renewal with { Proof = ServedProof.NotServed, Problem = $"renewed but not served: {seen}" };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }
}

/// <summary>The keys of authorities, read once each.</summary>
internal sealed class AuthoritySigners(StandingSet standing, string? passphrase) : IDisposable
{
    private readonly Dictionary<string, (KeyPair? Key, string? Problem)> _keys = new(StringComparer.Ordinal);

    public (KeyPair? Key, string? Problem) Of(PlannedAuthority authority)
    {
        if (_keys.TryGetValue(authority.Name, out var known))
            return known;
        var found = standing[authority];
        var key = found.ReadKey(passphrase, out var problem);
        var answer = (key, (found, key) switch
        {
            ({ IsExternal: true }, _) => $"the key of {authority} is kept elsewhere: name its folder with --ca-dir, or have it sign a request",
            (_, null) => $"{found.KeyFile.Path}: {problem ?? "is missing"}",
            ({ Certificate: { } certificate }, { } own) when !certificate.Matches(own) => $"{found.KeyFile.Path} does not belong to {found.CertificateFile.Path}",
            _ => null,
        });
        if (answer.Item2 is not null && key is not null)
        {
            key.Dispose();
            answer = (null, answer.Item2);
        }

        return _keys[authority.Name] = answer;
    }

    public void Dispose()
    {
        foreach (var (key, _) in _keys.Values)
            key?.Dispose();
    }
}
