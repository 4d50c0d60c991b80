// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Definitions.Issuance.Rules;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;
using Sealock.Pki;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>All that decisions about a Certificate are made from.</summary>
internal sealed record CertificateState
{
    public required CertificateView Certificate { get; init; }

    /// <summary>The Secret it names; null where there is none.</summary>
    public SecretFacts? Secret { get; init; }

    /// <summary>The request of the revision that stands; null where it is not known.</summary>
    public CertificateRequestView? Current { get; init; }

    /// <summary>The request of the revision to come; null where none has been made.</summary>
    public CertificateRequestView? Next { get; init; }

    /// <summary>The Certificate to which the Secret belongs where several name it; empty: this one.</summary>
    public string Rival { get; init; } = "";

    /// <summary>The CA of its issuer, and whom to trust; null where the issuer is of another kind, or nobody keeps account of CAs.</summary>
    public AuthorityPlan? Authority { get; init; }

    /// <summary>What revokes the certificate in the Secret; null where nothing does.</summary>
    public RevocationSpecView? Revocation { get; init; }

    /// <summary>Whether a Secret with a keystore's password has changed since the password was last read.</summary>
    public bool PasswordsChanged { get; init; }

    /// <summary>What those who know the issuer's CA told of the renewal; null: it is decided here.</summary>
    public RenewalPlan? Planned { get; init; }

    public required DateTimeOffset Now { get; init; }

    public CertificateSpecView Spec => Certificate.Spec;

    public int Revision => Certificate.Status.Revision ?? 0;

    public bool IsIssuing => Certificate.Condition(Conditions.Issuing) is { Status: "True" };

    /// <summary>Why nobody could issue what the specification says; null where somebody can.</summary>
    public string? SpecProblem => (field ??= FindNameProblem() ?? FindSpecProblem(Spec) ?? "").Length == 0 ? null : field;

    /// <summary>Whether a request asks for just what the specification says now.</summary>
    public IReadOnlyList<string> DifferencesOf(CertificateRequestView request)
    {
        if (SpecProblem is not null || request.Asked is null)
            return [];
        List<string> fields = [.. request.Asked.DifferencesFrom(Spec)];
        if (request.IsCa != Spec.IsCa)
            fields.Add("spec.isCA");
        if (!request.Usages.ToHashSet().SetEquals(Spec.Usages))
            fields.Add("spec.usages");
        // Requests are made with whole seconds.
        if (request.Duration is { } asked && Spec.Duration is { } wanted && (long)asked.TotalSeconds != (long)wanted.TotalSeconds)
            fields.Add("spec.duration");
        if (request.IssuerRef != Spec.IssuerRef)
            fields.Add("spec.issuerRef");
        return fields;
    }

    /// <summary>What has a valid certificate all the same (taken over, say) is left as it is until that expires.</summary>
    private string? FindNameProblem() => Secret?.Leaf?.NotAfter > Now ? null
        : CertifiedNameRules.Find(Spec.IssuerRef.Group == IssuerReferenceView.OwnGroup, Spec.DnsNames, Spec.Uris).FirstOrDefault()?.ToString()
        ?? (Spec.IpAddresses.FirstOrDefault(address => !FieldRules.IsAddress(address)) is { } wrong ? $"spec.ipAddresses: \"{wrong}\" is no IP address" : null);

    private static string? FindSpecProblem(CertificateSpecView spec)
    {
        if (KeyDemand.Of(spec.PrivateKey, out var problem) is null)
            return problem;
        if (KeyDemand.SignatureProblem(spec) is { } mismatch)
            return mismatch;
        try
        {
            var contents = RequestedContents.Of(spec);
            return contents.Subject.IsEmpty && contents.Names.Count == 0
                ? "it names nobody: give commonName, subject or alternative names" : null;
        }
        catch (PkiFormatException fault)
        {
            return fault.Message;
        }
    }
}

/// <summary>The conditions of a Certificate.</summary>
internal static class Conditions
{
    public const string Ready = "Ready";
    public const string Issuing = "Issuing";

    /// <summary>How the message of <see cref="Issuing"/> begins; what follows is why.</summary>
    public const string IssuingPrefix = "Issuing certificate: ";

    public const string Served = "Served";
}
