// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>
/// What there is to say of an issuer's CA that ends while nothing has renewed it; empty where nothing. A CA that is being replaced
/// needs no mention: its Secret holds the next one from the beginning.
/// </summary>
/// <param name="Concern">What is wrong and what to do; the same at each look.</param>
/// <param name="NextLook">When to look again though nothing changes.</param>
internal sealed record AuthorityEnd(string Concern, DateTimeOffset NextLook)
{
    /// <summary>
    /// A CA that nothing renews is told of when a third of its life is left. One with a Certificate that is renewed, when a tenth is
    /// left and half of the time that was meant for the renewal is over.
    /// </summary>
    /// <param name="ca">The CA in the Secret.</param>
    /// <param name="secret">The Secret's name, with its namespace.</param>
    /// <param name="certificates">The Certificates that name the Secret.</param>
    /// <param name="now">Now.</param>
    public static AuthorityEnd Of(Certificate ca, string secret, IReadOnlyList<CertificateView> certificates, DateTimeOffset now)
    {
        var (end, life) = (ca.NotAfter, ca.NotAfter - ca.NotBefore);
        var renewed = certificates.FirstOrDefault(certificate => !RenewalTime.IsDisabled(certificate.Spec));
        var (third, tenth) = (end - life / 3, end - life / 10);
        var late = renewed is null ? third
            : renewed.Status.RenewalTime is { } time && time + (end - time) / 2 is var middle && middle > tenth ? middle
            : tenth;
        if (now < late)
            return new("", now < third ? third : late);
        var why = renewed is not null
            ? $"its Certificate {KeyOf(renewed)} has not been renewed: see sealock certificate status"
            : certificates is [var disabled, ..]
            ? $"its Certificate {KeyOf(disabled)} is not renewed by itself (spec.renewal.policy): run sealock certificate renew"
            : $"no Certificate renews it: put a new CA into the Secret {secret}";
        return new($"the CA {ca.Subject} ends at {ObjectFields.Rfc3339(end)}, and {why}", end.AddSeconds(1));
    }

    private static string KeyOf(CertificateView certificate) => $"{certificate.Metadata.Namespace}/{certificate.Metadata.Name}";
}
