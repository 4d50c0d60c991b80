// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Acme.Orders;
using Sealock.Api.Client;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Acme.Renewal;

/// <summary>
/// The certificate that a request is to replace, by its name at the CA (RFC 9773): renewals that name it are exempt from many
/// CAs' limits.
/// </summary>
internal sealed class ReplacedCertificate(ApiClient client, AcmeConnections connections)
{
    /// <summary>Certificates by namespace and name, as soon as they are followed.</summary>
    public Func<string, string, CertificateView?> Certificate { get; set; } = (_, _) => null;

    /// <summary>Its name; empty where there is none, or the server has no such names.</summary>
    public async ValueTask<string> FindAsync(SigningTask task, AcmeIssuerView settings, CancellationToken cancellationToken)
    {
        var @namespace = task.Request.Metadata.Namespace;
        if (!settings.AsksWhenToRenew
            || task.Request.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is not { Length: > 0 } name
            || Certificate(@namespace, name) is not { } certificate || connections.Find(settings, out _) is not { } server)
            return "";
        var directory = await server.GetDirectoryAsync(cancellationToken);
        if (!directory.IsOk || directory.Value.RenewalInfo.Length == 0)
            return "";
        var leaf = await LeafAsync(client, @namespace, certificate.Spec.SecretName, cancellationToken);
        // What another CA issued is unknown to this one.
        return leaf is not null && task.Request.Spec.IssuerRef.Name == leaf.Value.IssuerName ? RenewalTiming.CertificateId(leaf.Value.Leaf) ?? "" : "";
    }

    /// <summary>The certificate in a Secret, with the name of the issuer that it was last issued by.</summary>
    public static async ValueTask<(Certificate Leaf, string IssuerName)?> LeafAsync(
        ApiClient client, string @namespace, string secretName, CancellationToken cancellationToken)
    {
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, secretName, cancellationToken);
        if (secret?.Data.GetValueOrDefault(WellKnown.CertificateEntry) is not { Length: > 0 } pem
            || secret.Metadata.Annotations.ContainsKey(WellKnown.Temporary))
            return null;
        try
        {
            return (Pki.Certificates.Certificate.ListFromPem(Encoding.UTF8.GetString(pem))[0],
                secret.Metadata.Annotations.GetValueOrDefault(WellKnown.IssuerName) ?? "");
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}
