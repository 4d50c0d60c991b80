// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Makes the CertificateRequest of a Certificate's revision.</summary>
internal static class RequestMaker
{
    private const int LongestCause = 256;

    /// <exception cref="PkiFormatException">The specification asks for what cannot be encoded.</exception>
    public static JsonObject New(CertificateView certificate, int revision, string keySecret, KeyPair key)
    {
        var spec = new JsonObject
        {
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Csr(certificate.Spec, key).ToPem())),
            ["issuerRef"] = new JsonObject
            {
                ["name"] = certificate.Spec.IssuerRef.Name,
                ["kind"] = certificate.Spec.IssuerRef.Kind,
                ["group"] = certificate.Spec.IssuerRef.Group,
            },
        };
        if (certificate.Spec.IsCa)
            spec["isCA"] = true;
        if (certificate.Spec.Usages.Count > 0)
            spec["usages"] = new JsonArray([.. certificate.Spec.Usages.Select(usage => (JsonNode)usage)]);
        if (certificate.Spec.Duration is { } duration)
            spec["duration"] = GoText(duration);
        return new JsonObject
        {
            ["apiVersion"] = IssuanceResources.ApiVersion,
            ["kind"] = "CertificateRequest",
            ["metadata"] = new JsonObject
            {
                ["name"] = Names.Request(certificate, revision),
                ["namespace"] = certificate.Metadata.Namespace,
                ["labels"] = new JsonObject(certificate.Metadata.Labels.Select(Pair)),
                ["annotations"] = new JsonObject(certificate.Metadata.Annotations.Where(IsPassedOn).Select(Pair))
                {
                    [WellKnown.CertificateName] = certificate.Metadata.Name,
                    [WellKnown.CertificateRevision] = revision.ToString(CultureInfo.InvariantCulture),
                    [WellKnown.PrivateKeySecret] = keySecret,
                    [WellKnown.Cause] = CauseOf(certificate),
                    [WellKnown.Generation] = certificate.Metadata.Generation.ToString(CultureInfo.InvariantCulture),
                },
                ["ownerReferences"] = Names.OwnedBy(certificate),
            },
            ["spec"] = spec,
        };
    }

    private static CertificateSigningRequest Csr(CertificateSpecView spec, KeyPair key)
    {
        var contents = RequestedContents.Of(spec);
        var usages = spec.EncodeUsagesInRequest == false ? new CertificateUsages() : contents.Usages;
        return CertificateSigningRequest.Create(
            KeyDemand.SignatureOf(spec) is { } algorithm ? new SignerBy(key, algorithm) : key,
            contents.Subject,
            contents.Names,
            usages.KeyUsage == default ? null : usages.KeyUsage,
            usages.KeyPurposes,
            spec.IsCa,
            contents.Constraints);
    }

    /// <summary>What the Certificate was marked as issuing for, as <c>Reason: message</c>.</summary>
    private static string CauseOf(CertificateView certificate)
    {
        var (reason, message) = certificate.Condition(Conditions.Issuing) is { } issuing ? (issuing.Reason, issuing.Message) : ("", "");
        message = message.Replace(IssuanceRun.TakesAWhile, "", StringComparison.Ordinal);
        var text = $"{reason}: {(message.StartsWith(Conditions.IssuingPrefix, StringComparison.Ordinal) ? message[Conditions.IssuingPrefix.Length..] : message)}";
        return text.Length <= LongestCause ? text : text[..LongestCause];
    }

    private static bool IsPassedOn(KeyValuePair<string, string> annotation) =>
        !annotation.Key.StartsWith("kubectl.kubernetes.io/", StringComparison.Ordinal)
        && !annotation.Key.StartsWith("fluxcd.io/", StringComparison.Ordinal)
        && !annotation.Key.StartsWith("argocd.argoproj.io/", StringComparison.Ordinal);

    private static KeyValuePair<string, JsonNode?> Pair(KeyValuePair<string, string> pair) => new(pair.Key, pair.Value);

    /// <summary>A duration as Go prints it, such as <c>2160h0m0s</c>.</summary>
    private static string GoText(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s");
    }

    /// <summary>A key that signs by another algorithm than it would by itself.</summary>
    private sealed class SignerBy(KeyPair key, SignatureAlgorithm algorithm) : ISigner
    {
        public PublicKeyInfo PublicKey => key.PublicKey;

        public SignatureAlgorithm SignatureAlgorithm => algorithm;

        public byte[] Sign(ReadOnlySpan<byte> data) => key.Sign(data, algorithm);
    }
}
