// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Selectors;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Trust;

/// <summary>What a Bundle's sources came to.</summary>
internal sealed record GatheredBundle
{
    public IReadOnlyList<Certificate> Certificates { get; init; } = [];

    /// <summary>When the first of them expires and is to be left out; null where expired ones stay.</summary>
    public DateTimeOffset? FirstExpiry { get; init; }

    /// <summary>Which CAs of the system were taken; empty: none.</summary>
    public string DefaultVersion { get; init; } = "";

    /// <summary>Why nothing can be published, as the condition's reason and message; empty where it can.</summary>
    public string Reason { get; init; } = "";

    public string Problem { get; init; } = "";

    /// <summary>The plans of issuers that were heeded, by Secret.</summary>
    public ImmutableDictionary<string, Print> Heeded { get; init; } = ImmutableDictionary<string, Print>.Empty;
}

/// <summary>
/// Gathers a Bundle's certificates. Where a source is the Secret of an issuer's CA that is being replaced, both CAs belong to it.
/// </summary>
internal sealed class BundleSources(
    ApiClient client, string @namespace, TrustOptions options, Func<string, IEnumerable<AuthorityRecord>> recordsOf, TimeProvider time)
{
    private const string NotFound = "SourceNotFound";
    private const string Invalid = "SourceBuildError";

    private volatile DefaultAuthorities? _default;

    public async ValueTask<GatheredBundle> GatherAsync(BundleSpecView spec, CancellationToken cancellationToken)
    {
        var pool = new BundlePool(options.FiltersExpired ? time.GetUtcNow() : null);
        var gathered = new GatheredBundle();
        foreach (var source in spec.Sources)
        {
            gathered = source switch
            {
                { ConfigMap: { } reference } => await AddConfigMapsAsync(gathered, pool, reference, cancellationToken),
                { Secret: { } reference } => await AddSecretsAsync(gathered, pool, reference, cancellationToken),
                { InLine: { } text } => Check(gathered, "the inLine source", pool.Add(Encoding.UTF8.GetBytes(text))),
                { UseDefaultAuthorities: true } => AddDefault(gathered, pool),
                _ => gathered,
            };
            if (gathered.Problem.Length > 0)
                return gathered;
        }

        return pool.Certificates.Count > 0
            ? gathered with
            {
                Certificates = pool.Certificates,
                FirstExpiry = options.FiltersExpired ? pool.Certificates.Min(certificate => certificate.NotAfter) : null,
            }
            : gathered with { Reason = NotFound, Problem = "Bundle source was not found: no valid certificate is in any source" };
    }

    private GatheredBundle AddDefault(GatheredBundle gathered, BundlePool pool)
    {
        try
        {
            _default ??= Load();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            return gathered with { Reason = NotFound, Problem = $"Bundle source was not found: the system's CAs cannot be read: {fault.Message}" };
        }

        var (authorities, version) = _default;
        if (authorities.Certificates.Count == 0)
        {
            return gathered with
            {
                Reason = NotFound,
                Problem = "Bundle source was not found: there is no file with the system's CAs here; "
                    + "install ca-certificates, or name one in SSL_CERT_FILE",
            };
        }

        var problem = authorities.Certificates.Select(pool.Add).FirstOrDefault(problem => problem is not null);
        return Check(gathered with { DefaultVersion = version }, "the system's CAs", problem);
    }

    private DefaultAuthorities Load()
    {
        var pool = options.DefaultAuthorities?.Invoke() ?? SystemTrust.Load();
        return new(pool, $"system-{Print.OfSet(pool.Certificates.Select(ca => ca.Sha256Hex)).ToString()[..12]}");
    }

    private sealed record DefaultAuthorities(TrustPool Pool, string Version);

    private async ValueTask<GatheredBundle> AddConfigMapsAsync(
        GatheredBundle gathered, BundlePool pool, SourceObjectView reference, CancellationToken cancellationToken)
    {
        var (maps, missing) = await FindAsync(ResourceTypes.ConfigMaps, "ConfigMap", reference, cancellationToken);
        if (missing is not null)
            return gathered with { Reason = NotFound, Problem = missing };
        foreach (var map in maps)
        {
            gathered = AddEntries(
                gathered, pool, reference, $"ConfigMap {@namespace}/{map.Metadata.Name}",
                map.Data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value), StringComparer.Ordinal));
            if (gathered.Problem.Length > 0)
                break;
        }

        return gathered;
    }

    private async ValueTask<GatheredBundle> AddSecretsAsync(
        GatheredBundle gathered, BundlePool pool, SourceObjectView reference, CancellationToken cancellationToken)
    {
        var (secrets, missing) = await FindAsync(ResourceTypes.Secrets, "Secret", reference, cancellationToken);
        if (missing is not null)
            return gathered with { Reason = NotFound, Problem = missing };
        foreach (var secret in secrets)
        {
            var name = $"Secret {@namespace}/{secret.Metadata.Name}";
            if (reference.IncludeAllKeys && secret.Type == "kubernetes.io/tls")
                return gathered with { Reason = Invalid, Problem = $"includeAllKeys would take the private key of the TLS {name}; name a key" };
            var (isKnown, more, heeded) = Successors(secret, reference.Key);
            if (heeded is { } plan)
                gathered = gathered with { Heeded = gathered.Heeded.SetItem(secret.Metadata.Name, plan) };
            // A CA that nobody has made known yet waits: those whom the Bundle is for go on with what they have.
            if (isKnown)
                gathered = AddEntries(gathered, pool, reference, name, secret.Data);
            if (gathered.Problem.Length == 0)
                gathered = Check(gathered, name, more.Select(pool.Add).FirstOrDefault(problem => problem is not null));
            if (gathered.Problem.Length > 0)
                break;
        }

        return gathered;
    }

    /// <summary>
    /// What else belongs to a source that is the Secret of an issuer's CA: old and new, while one replaces the other. False where
    /// the CA in it is not yet recorded.
    /// </summary>
    private (bool IsKnown, IEnumerable<Certificate> More, Print? Heeded) Successors(SecretView secret, string key)
    {
        List<Certificate> more = [];
        List<string> heeded = [];
        var isKnown = true;
        foreach (var record in recordsOf(secret.Metadata.Name))
        {
            if (record.Plan is not { } plan)
                continue;
            heeded.Add(plan.Trusted.ToString());
            var isRecorded = SourceAuthority.In(secret)?.ComparedWith(record) is not RotationSource.Other;
            isKnown &= isRecorded;
            if (isRecorded && plan.Phase == RotationPhase.Stable)
                continue;
            if (key == WellKnown.CertificateEntry)
            {
                if (PhaseRules.TrustsOld(plan.Phase) && record.Old is { } old)
                    more.Add(old.Signing[0]);
                if (PhaseRules.TrustsNew(plan.Phase) && record.New is { } @new)
                    more.Add(@new.Signing[0]);
            }
            else if (key == WellKnown.CaEntry)
            {
                more.AddRange(plan.Roles.Trusted);
            }
        }

        return (isKnown || more.Count == 0, more, heeded.Count > 0 ? HeedOf(heeded) : null);
    }

    /// <summary>What stands for the plans of all issuers of one Secret.</summary>
    public static Print HeedOf(IEnumerable<string> plans) => Print.OfSet(plans);

    private static GatheredBundle AddEntries(
        GatheredBundle gathered, BundlePool pool, SourceObjectView reference, string name, IReadOnlyDictionary<string, byte[]> entries)
    {
        if (!reference.IncludeAllKeys)
        {
            return entries.TryGetValue(reference.Key, out var entry)
                ? Check(gathered, $"the key {reference.Key} of the {name}", pool.Add(entry))
                : gathered with { Reason = NotFound, Problem = $"Bundle source was not found: no data found in {name} at key \"{reference.Key}\"" };
        }

        foreach (var (key, entry) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            gathered = Check(gathered, $"the key {key} of the {name}", pool.Add(entry));
            if (gathered.Problem.Length > 0)
                break;
        }

        return gathered;
    }

    private async ValueTask<(IReadOnlyList<T> Found, string? Missing)> FindAsync<T>(
        ResourceType<T> type, string kind, SourceObjectView reference, CancellationToken cancellationToken)
        where T : class, Api.Client.Views.IObjectView
    {
        if (reference.Name.Length > 0)
        {
            return await client.FindAsync(type, @namespace, reference.Name, cancellationToken) is { } found
                ? ([found], null) : ([], $"Bundle source was not found: there is no {kind} {@namespace}/{reference.Name}");
        }

        if (!LabelSelectorObject.TryCompile(reference.Selector, out var selector, out var error))
            return ([], $"Bundle source was not found: the selector cannot be used: {error}");
        if (selector.MatchesNothing)
            return ([], null);
        var list = await client.ListAsync(type, @namespace, new ListQuery { LabelSelector = selector.ToString() }, cancellationToken);
        return ([.. list.Items.OrderBy(item => item.Metadata.Name, StringComparer.Ordinal)], null);
    }

    private static GatheredBundle Check(GatheredBundle gathered, string name, string? problem) =>
        problem is null ? gathered : gathered with { Reason = Invalid, Problem = $"Failed to build bundle sources: {name}: {problem}" };
}
