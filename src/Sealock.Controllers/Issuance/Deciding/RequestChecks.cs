// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Whether what stands is what was issued, and whether what was issued is what is wanted.</summary>
internal static class RequestChecks
{
    public static string? SecretIsNotWhatWasIssued(CertificateState state) => (state.Secret, state.Current) switch
    {
        ({ } secret, { Asked: { } asked }) when secret.Key != asked.Key =>
            $"the private key in the Secret is not the one for which revision {state.Revision} was issued",
        ({ Leaf: { } leaf }, { IsIssued: true } current) when leaf.Certificate != current.IssuedLeaf =>
            $"the certificate in the Secret is not the one that was issued as revision {state.Revision}",
        _ => null,
    };

    public static string? SpecificationChanged(CertificateState state) =>
        state.Current is { } current && state.DifferencesOf(current) is { Count: > 0 } fields
            ? $"the specification was changed since revision {state.Revision} was issued: {string.Join(", ", fields)}" : null;

    /// <summary>
    /// Without the request that led to it (a backup that was restored, a request that was deleted) the certificate itself is
    /// compared; loosely, as issuers may move names between common name and alternative names.
    /// </summary>
    public static string? CertificateIsForOtherNames(CertificateState state)
    {
        if (state.Current is not null || state.Secret?.Leaf is not { } leaf || state.SpecProblem is not null)
            return null;
        List<string> fields = [];
        if (state.Spec.LiteralSubject.Length == 0)
        {
            Compare("spec.commonName, spec.dnsNames", leaf.Hosts, Print.OfSet(
                [.. state.Spec.DnsNames, .. state.Spec.CommonName.Length > 0 ? (string[])[state.Spec.CommonName] : []]));
        }

        Compare("spec.ipAddresses", leaf.IpAddresses, Print.OfSet(state.Spec.IpAddresses.Select(Normal)));
        Compare("spec.uris", leaf.Uris, Print.OfSet(state.Spec.Uris));
        Compare("spec.emailAddresses", leaf.EmailAddresses, Print.OfSet(state.Spec.EmailAddresses));
        return fields.Count > 0 ? $"the certificate in the Secret is not for what is specified: {string.Join(", ", fields)}" : null;

        void Compare(string field, Print found, Print wanted)
        {
            if (found != wanted)
                fields.Add(field);
        }
    }

    private static string Normal(string address) =>
        System.Net.IPAddress.TryParse(address, out var parsed)
            ? (parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed).ToString() : address;
}
