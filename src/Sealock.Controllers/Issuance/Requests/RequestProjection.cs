// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Pem;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Takes from a request what decisions compare.</summary>
internal static class RequestProjection
{
    private const int Remembered = 4096;

    /// <summary>
    /// The same request is read with every answer and event about it, and reading it checks its signature: the latest are
    /// remembered, and shared by the views.
    /// </summary>
    private static readonly ConcurrentDictionary<Print, RequestPrints> Latest = new();
    private static readonly ConcurrentQueue<Print> Order = new();

    public static CertificateRequestView Of(CertificateRequestObject whole) => new()
    {
        Metadata = whole.Metadata,
        IssuerRef = whole.Spec.IssuerRef,
        Duration = whole.Spec.Duration,
        IsCa = whole.Spec.IsCa,
        Usages = whole.Spec.Usages,
        Conditions = whole.Status.Conditions,
        FailureTime = whole.Status.FailureTime,
        Asked = Asked(whole.Spec.Request),
        IssuedLeaf = IssuedLeaf(whole.Status.Certificate),
        Issued = whole.Status.Certificate.Length > 0 && !whole.Metadata.Annotations.ContainsKey(WellKnown.CertificateName)
            && SecretContent.ReadOrNone(whole.Status.Certificate) is [var leaf, ..] ? SecretProjection.FactsOf(leaf) : null,
        RetryNotBefore = RetryNotBefore(whole),
    };

    private static RequestPrints? Asked(byte[] pem)
    {
        var print = Print.Of(pem);
        if (Latest.TryGetValue(print, out var known))
            return known;
        try
        {
            var asked = RequestPrints.Of(CertificateSigningRequest.FromPem(pem));
            if (Latest.TryAdd(print, asked))
            {
                Order.Enqueue(print);
                if (Order.Count > Remembered && Order.TryDequeue(out var oldest))
                    Latest.TryRemove(oldest, out _);
            }

            return asked;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    /// <summary>A certificate that cannot be read stands for its own bytes: something was issued.</summary>
    private static Print IssuedLeaf(byte[] pem)
    {
        if (pem.Length == 0)
            return default;
        try
        {
            return PemDocument.Parse(pem).Blocks is [var first, ..] ? Print.Of(first.Content.Span) : Print.Of(pem);
        }
        catch (PkiFormatException)
        {
            return Print.Of(pem);
        }
    }

    private static DateTimeOffset? RetryNotBefore(CertificateRequestObject whole) =>
        whole.Metadata.Annotations.TryGetValue(WellKnown.RetryNotBefore, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : null;
}
