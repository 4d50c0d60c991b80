// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Text;

namespace Sealock.Pki.Inspection;

/// <summary>What a reader of unknown bytes takes at most.</summary>
public sealed record ContentLimits
{
    /// <summary>Size in bytes.</summary>
    public int MaxBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>How many things are told of.</summary>
    public int MaxContents { get; init; } = 10_000;

    /// <summary>Rounds of key derivation, all encrypted parts together: what a passphrase may cost.</summary>
    public int MaxDerivationRounds { get; init; } = 10_000_000;
}

/// <summary>
/// Finds certificates, requests, CRLs and keys in bytes of any of the usual forms: PEM with any mix of blocks, DER of any of
/// these, PKCS#7 (PEM or DER), PKCS#12, and any of them once more in base64.
/// </summary>
public static class ContentReader
{
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> Base64Text = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n \t"u8);

    /// <summary>Reads bytes. What is malformed inside them is a content, too.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="passphrase">Opens PKCS#12 and encrypted keys; null for none.</param>
    /// <param name="limits">What is taken at most.</param>
    /// <exception cref="PkiFormatException">They are none of these forms, or larger than the limits.</exception>
    public static PkiContents Read(ReadOnlyMemory<byte> bytes, string? passphrase, ContentLimits limits)
    {
        if (bytes.Length > limits.MaxBytes)
            throw new PkiFormatException($"expected at most {limits.MaxBytes} bytes, got {bytes.Length}");
        var opener = new KeyOpener(passphrase, new DerivationBudget(limits.MaxDerivationRounds));
        return Find(bytes, opener, limits)
            ?? (FromBase64(bytes.Span) is { } decoded ? Find(decoded, opener, limits) : null)
            ?? throw new PkiFormatException(bytes.Span.ContainsAnyExcept(WhiteSpace)
                ? "expected certificates, requests, CRLs or keys as PEM, DER, PKCS#7 or PKCS#12"
                : "it is empty");
    }

    /// <summary>Whether bytes look like one of the forms, for choosing files: a PEM marker, or one DER value.</summary>
    public static bool LooksLikeContent(ReadOnlySpan<byte> bytes) => HasPem(bytes) || DerShapes.IsOneValue(bytes);

    private static PkiContents? Find(ReadOnlyMemory<byte> bytes, KeyOpener opener, ContentLimits limits)
    {
        if (HasPem(bytes.Span))
            return new("PEM", PemContents.Read(bytes.Span, opener, limits));
        if (!DerShapes.IsOneValue(bytes.Span))
            return null;
        var der = bytes[..^TrailingLineBreaks(bytes.Span)];
        return DerShapes.ShapeOf(der) switch
        {
            DerShape.Pkcs7 => new("PKCS#7", Pkcs7Reader.Read(der, limits)),
            DerShape.Pkcs12 => new("PKCS#12", Pkcs12Reader.Read(der, opener, limits)),
            DerShape.Unknown => null,
            var shape => new("DER", [DerContents.Read(der, shape, opener)]),
        };
    }

    private static bool HasPem(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf("-----BEGIN "u8);
        return at == 0 || bytes.IndexOf("\n-----BEGIN "u8) >= 0 || (at == 3 && bytes.StartsWith("\ufeff"u8));
    }

    private static int TrailingLineBreaks(ReadOnlySpan<byte> bytes)
    {
        // An editor may have put a line break after DER; only then is there something behind the value.
        var length = DerShapes.LengthOf(bytes);
        return length > 0 && length < bytes.Length && !bytes[length..].ContainsAnyExcept(WhiteSpace) ? bytes.Length - length : 0;
    }

    private static byte[]? FromBase64(ReadOnlySpan<byte> text)
    {
        if (text.Length < 16 || text.ContainsAnyExcept(Base64Text))
            return null;
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length) + 3];
        return Base64.DecodeFromUtf8(text, buffer, out _, out var written) == OperationStatus.Done ? buffer[..written] : null;
    }
}
