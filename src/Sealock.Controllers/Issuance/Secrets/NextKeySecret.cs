// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Views;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>The Secret in which the key to come waits for its certificate: made before anything is asked for, so that no key is lost.</summary>
internal static class NextKeySecret
{
    public static JsonObject New(CertificateView certificate, string name, KeyPair key) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = certificate.Metadata.Namespace,
            ["labels"] = new JsonObject { [WellKnown.NextPrivateKey] = "true", [WellKnown.Attention] = "true" },
            ["annotations"] = new JsonObject { [WellKnown.CertificateName] = certificate.Metadata.Name },
            ["ownerReferences"] = Names.OwnedBy(certificate),
        },
        ["type"] = "Opaque",
        ["data"] = new JsonObject
        {
            [WellKnown.KeyEntry] = Convert.ToBase64String(Encoding.UTF8.GetBytes(SecretContent.KeyPem(certificate, key))),
        },
    };

    /// <summary>Whether a Secret was made to hold this Certificate's next key.</summary>
    public static bool Belongs(CertificateView certificate, SecretFacts secret) =>
        secret.Metadata.Labels.ContainsKey(WellKnown.NextPrivateKey)
        && (secret.Metadata.OwnerReferences.Count == 0
            || secret.Metadata.OwnerReferences.Any(owner => owner.Uid == certificate.Metadata.Uid));
}
