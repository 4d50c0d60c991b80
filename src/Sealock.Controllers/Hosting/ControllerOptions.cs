// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Client;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Revocation;

namespace Sealock.Controllers.Hosting;

/// <summary>A signer of the user's own whose CA stands in a Secret.</summary>
public sealed record SecretSigner(string SignerName, string Namespace, string Secret)
{
    /// <summary>Reads <c>NAME=NAMESPACE/SECRET</c>; without a namespace it is <c>default</c>.</summary>
    /// <exception cref="FormatException">The text is something else; the message says what is expected.</exception>
    public static SecretSigner Parse(string text)
    {
        if (text.Split('=') is not [{ Length: > 0 } name, { Length: > 0 } place] ||
            place.Split('/') is not ([_] or [_, _]) || place.Split('/').Any(part => part.Length == 0))
            throw new FormatException($"expected SIGNER=NAMESPACE/SECRET, such as example.com/users=pki/users-ca, not \"{text}\"");
        return Definitions.SignerNames.Validate("signer", name).FirstOrDefault() is { } error
            ? throw new FormatException($"\"{name}\" is no signer name: {error.Body}")
            : place.Split('/') is [var @namespace, var secret] ? new(name, @namespace, secret) : new(name, "default", place);
    }
}

/// <summary>As whom the loops of a host act.</summary>
/// <param name="Requests">Whoever may approve, sign and clean certificate signing requests.</param>
/// <param name="Housekeeping">Whoever may empty namespaces and delete what has no owner.</param>
/// <param name="Issuance">Whoever may issue Certificates and write their Secrets.</param>
public sealed record ControllerClients(ApiClient Requests, ApiClient Housekeeping, ApiClient Issuance)
{
    /// <summary>One client for all.</summary>
    public static ControllerClients Same(ApiClient client) => new(client, client, client);
}

/// <summary>Which loops run, and with what.</summary>
public sealed record ControllerOptions
{
    /// <summary>No signers; the beginning of every set of them.</summary>
    public static ImmutableDictionary<string, ISigningAuthority> None { get; } =
        ImmutableDictionary.Create<string, ISigningAuthority>(StringComparer.Ordinal);

    /// <summary>The only namespace that is looked after; empty: all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Whether certificate signing requests (certificates.k8s.io) are looked after.</summary>
    public bool Requests { get; init; } = true;

    /// <summary>CAs by signer name, for the built-in signers or others.</summary>
    public ImmutableDictionary<string, ISigningAuthority> Signers { get; init; } = None;

    /// <summary>Signers whose CAs stand in Secrets; they are re-read when the Secret changes.</summary>
    public ImmutableArray<SecretSigner> SecretSigners { get; init; } = [];

    /// <summary>The longest lifetime of a certificate that is signed for a request.</summary>
    public TimeSpan SigningDuration { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Whether client certificates of kubelets are approved for whom RBAC allows it.</summary>
    public bool ApproveKubeletClients { get; init; } = true;

    /// <summary>Whether serving certificates of kubelets are approved when all names are the node's own addresses.</summary>
    public bool ApproveKubeletServing { get; init; }

    /// <summary>Whether old requests are deleted.</summary>
    public bool CleanRequests { get; init; } = true;

    /// <summary>
    /// Whether the loops run that every cluster needs once: deletion of namespaces, garbage collection, service
    /// accounts, root certificates. A cluster with a kube-controller-manager has them already.
    /// </summary>
    public bool Housekeeping { get; init; } = true;

    /// <summary>The CA certificates by which the API server is known, in PEM; null publishes none.</summary>
    public string? RootCaPem { get; init; }

    /// <summary>How Certificates are issued; null: they are not.</summary>
    public Issuance.IssuanceOptions? Issuance { get; init; }

    /// <summary>How Certificates are ordered of ACME servers, where any are issued.</summary>
    public Acme.AcmeOptions Acme { get; init; } = new();

    /// <summary>
    /// Is kept in step with the Challenges for a listener of this process, where no store of its own does that; null for none.
    /// </summary>
    public Acme.Answering.ChallengeTable? Challenges { get; init; }

    /// <summary>How Bundles are published, where Certificates are issued; null: they are not.</summary>
    public Trust.TrustOptions? Trust { get; init; } = new();

    /// <summary>
    /// Where CAs are added whose revocation lists are to be kept, beside those of the signers; null: no lists are kept, as
    /// where the kinds of revocation are not served.
    /// </summary>
    public CrlAuthorities? CrlAuthorities { get; init; }

    /// <summary>
    /// The URL of a CA's list by the identifier of its key, for certificates that are signed on request; null names none.
    /// </summary>
    public Func<string, string>? CrlUrl { get; init; }

    /// <summary>Lengths of time in the life of a revocation list.</summary>
    public CrlTimes CrlTimes { get; init; } = new();

    /// <summary>How many requests are decided and signed concurrently.</summary>
    public int SigningWorkers { get; init; } = 8;
}
