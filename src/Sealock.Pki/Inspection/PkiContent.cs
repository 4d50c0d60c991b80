// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Pki.Revocation;

namespace Sealock.Pki.Inspection;

/// <summary>One thing found in a file: a certificate, request, list, key, or what could not be read.</summary>
public abstract record PkiContent
{
    private protected PkiContent()
    {
    }

    /// <summary>The name a container gives it (PKCS#12's friendly name); null where it gives none.</summary>
    public string? Label { get; init; }

    /// <summary>What it is, in one or two words: <c>certificate</c>, <c>private key</c>…</summary>
    public abstract string Kind { get; }
}

/// <summary>A certificate.</summary>
public sealed record CertificateContent(Certificate Certificate) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => "certificate";
}

/// <summary>A PKCS#10 request.</summary>
public sealed record RequestContent(CertificateSigningRequest Request) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => "certificate request";
}

/// <summary>A CRL.</summary>
public sealed record RevocationListContent(CertificateRevocationList List) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => "revocation list";
}

/// <summary>A public key by itself.</summary>
public sealed record PublicKeyContent(PublicKeyInfo Key) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => "public key";
}

/// <summary>A private key, of which only the public half is kept.</summary>
/// <param name="Key">Its public key; null where the key could not be opened.</param>
/// <param name="Form">How it is written: <c>PKCS#8</c>, <c>PKCS#1</c>, <c>SEC1</c>, <c>OpenSSH</c>.</param>
/// <param name="Protection">How it is encrypted, in words; null where it lies in the open.</param>
/// <param name="Locked">Why it was not opened and what helps; null where it was.</param>
public sealed record PrivateKeyContent(PublicKeyInfo? Key, string Form, string? Protection, string? Locked) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => "private key";
}

/// <summary>Something that is known but has no facts to tell (curve parameters and the like).</summary>
/// <param name="What">What it is.</param>
public sealed record OtherContent(string What) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => What;
}

/// <summary>Something that is malformed, or closed by a passphrase.</summary>
/// <param name="What">What it seems to be.</param>
/// <param name="Reason">Why it cannot be read, and what helps.</param>
public sealed record UnreadableContent(string What, string Reason) : PkiContent
{
    /// <inheritdoc/>
    public override string Kind => What;
}

/// <summary>Everything that was found in some bytes.</summary>
/// <param name="Format">How the bytes are written: <c>PEM</c>, <c>DER</c>, <c>PKCS#7</c>, <c>PKCS#12</c>.</param>
/// <param name="Contents">What is in them, in order.</param>
public sealed record PkiContents(string Format, IReadOnlyList<PkiContent> Contents);
