// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>What each built-in signer accepts, in kube-controller-manager's words.</summary>
internal static class SignerRules
{
    private const string NodePrefix = "system:node:";
    private const string NodeGroup = "system:nodes";

    private static readonly FrozenSet<string> Client = Usages(KeyUsageNames.ClientAuth);
    private static readonly FrozenSet<string> ClientWithoutRsa = Usages(KeyUsageNames.ClientAuth, rsa: false);
    private static readonly FrozenSet<string> Serving = Usages(KeyUsageNames.ServerAuth);
    private static readonly FrozenSet<string> ServingWithoutRsa = Usages(KeyUsageNames.ServerAuth, rsa: false);

    /// <summary>The signers that have rules of their own.</summary>
    public static FrozenSet<string> BuiltIn { get; } = FrozenSet.Create(
        StringComparer.Ordinal, SignerNames.KubeApiServerClient, SignerNames.KubeApiServerClientKubelet,
        SignerNames.KubeletServing, SignerNames.LegacyUnknown);

    /// <summary>
    /// Why a signer does not sign a request, or null. A signer of the user's own signs everything that was approved.
    /// </summary>
    public static string? Refuse(string signerName, RequestContents request, IReadOnlyList<string> usages) => signerName switch
    {
        SignerNames.KubeApiServerClient => RefuseClient(usages),
        SignerNames.KubeApiServerClientKubelet => RefuseKubeletClient(request, usages),
        SignerNames.KubeletServing => RefuseKubeletServing(request, usages),
        _ => null,
    };

    private static string? RefuseClient(IReadOnlyList<string> usages)
    {
        var foreign = usages.FirstOrDefault(usage => !Client.Contains(usage));
        if (foreign is not null)
            return $"invalid usage for client certificate: {foreign}";
        return usages.Contains(KeyUsageNames.ClientAuth)
            ? null : $"missing required usage for client certificate: {KeyUsageNames.ClientAuth}";
    }

    private static string? RefuseKubeletClient(RequestContents request, IReadOnlyList<string> usages) =>
        request.Organizations is not [NodeGroup] ? "subject organization is not system:nodes"
        : request.DnsNames.Count > 0 ? "DNS subjectAltNames are not allowed"
        : request.EmailAddresses.Count > 0 ? "Email subjectAltNames are not allowed"
        : request.IpAddresses.Count > 0 ? "IP subjectAltNames are not allowed"
        : request.Uris.Count > 0 ? "URI subjectAltNames are not allowed"
        : !IsNode(request) ? "subject common name does not begin with system:node:"
        : RefuseUsages(usages, Client, ClientWithoutRsa);

    private static string? RefuseKubeletServing(RequestContents request, IReadOnlyList<string> usages) =>
        request.Organizations is not [NodeGroup] ? "subject organization is not system:nodes"
        : request.DnsNames.Count == 0 && request.IpAddresses.Count == 0 ? "DNS or IP subjectAltName is required"
        : request.EmailAddresses.Count > 0 ? "Email subjectAltNames are not allowed"
        : request.Uris.Count > 0 ? "URI subjectAltNames are not allowed"
        : RefuseUsages(usages, Serving, ServingWithoutRsa) is { } error ? error
        : !IsNode(request) ? "subject common name does not begin with system:node:"
        : null;

    private static bool IsNode(RequestContents request) =>
        request.CommonName.StartsWith(NodePrefix, StringComparison.Ordinal);

    private static string? RefuseUsages(IReadOnlyList<string> usages, FrozenSet<string> exact, FrozenSet<string> orExact) =>
        exact.SetEquals(usages) || orExact.SetEquals(usages)
            ? null : $"usages did not match [{string.Join(' ', exact.Order(StringComparer.Ordinal))}]";

    private static FrozenSet<string> Usages(string purpose, bool rsa = true)
    {
        string[] usages = rsa
            ? [KeyUsageNames.DigitalSignature, KeyUsageNames.KeyEncipherment, purpose]
            : [KeyUsageNames.DigitalSignature, purpose];
        return usages.ToFrozenSet(StringComparer.Ordinal);
    }
}
