// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using Sealock.Acme.Messages;
using Sealock.Pki.Certificates;

namespace Sealock.Acme.Orders;

/// <summary>When to renew: by the CA's suggestion (RFC 9773) where it makes sense, else by the lifetime. Pure.</summary>
public static class RenewalTiming
{
    private static readonly TimeSpan LongestBefore = TimeSpan.FromDays(1);

    /// <summary>How often the suggestion is asked for where the server does not say.</summary>
    public static TimeSpan DefaultPoll { get; } = TimeSpan.FromHours(6);

    /// <summary>The suggestion is not asked for more often than this, whatever the server says.</summary>
    public static TimeSpan ShortestPoll { get; } = TimeSpan.FromHours(1);

    /// <summary>The suggestion is asked for at least so often, whatever the server says.</summary>
    public static TimeSpan LongestPoll { get; } = TimeSpan.FromDays(7);

    /// <summary>
    /// The name of a certificate at its CA (RFC 9773 section 4.1): its authority key identifier and serial number in base64url,
    /// with a dot between. Null where the certificate has no authority key identifier.
    /// </summary>
    public static string? CertificateId(Certificate certificate) => certificate.AuthorityKeyIdentifier.Length == 0
        ? null
        : $"{Base64Url.EncodeToString(certificate.AuthorityKeyIdentifier.Span)}.{Base64Url.EncodeToString(certificate.SerialNumber.Bytes.Span)}";

    /// <summary>
    /// The instant within the suggested window that a random number stands for. Null where the window is nonsense: it ends before
    /// it begins, ended more than a day before the certificate was valid (renewing would never help: a certificate that was
    /// revoked at once has a window shortly before), or begins after it has ended.
    /// </summary>
    /// <param name="window">The CA's suggestion.</param>
    /// <param name="certificate">The certificate it is about.</param>
    /// <param name="random">From 0 up to 1, kept with the certificate, so that asking again does not roll the dice again.</param>
    public static DateTimeOffset? Choose(SuggestedWindow window, Certificate certificate, double random) =>
        Choose(window, certificate.NotBefore, certificate.NotAfter, random);

    /// <summary>The same for a certificate of which only the validity is known.</summary>
    public static DateTimeOffset? Choose(SuggestedWindow window, DateTimeOffset notBefore, DateTimeOffset notAfter, double random)
    {
        var end = window.End < notAfter ? window.End : notAfter;
        if (window.End <= window.Start || window.Start >= end || end - notBefore <= -LongestBefore)
            return null;
        return window.Start + ((end - window.Start) * Math.Clamp(random, 0, 1));
    }

    /// <summary>When to ask for the suggestion again: as the server says, within an hour and seven days; else in six hours.</summary>
    /// <param name="now">The time.</param>
    /// <param name="askAgainAt">What the server's Retry-After means; null for none.</param>
    public static DateTimeOffset NextPoll(DateTimeOffset now, DateTimeOffset? askAgainAt)
    {
        var wait = askAgainAt is { } at ? at - now : DefaultPoll;
        return now + (wait < ShortestPoll ? ShortestPoll : wait > LongestPoll ? LongestPoll : wait);
    }

    /// <summary>Without a suggestion: after two thirds of the lifetime.</summary>
    public static DateTimeOffset ByLifetime(Certificate certificate) => certificate.NotBefore + (certificate.Lifetime * 2 / 3);
}
