// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Inspection;

/// <summary>The blocks of a PEM text as contents; broken blocks, which readers skip silently, are told of.</summary>
internal static class PemContents
{
    private const int MaxLabel = 64;

    public static IReadOnlyList<PkiContent> Read(ReadOnlySpan<byte> text, KeyOpener opener, ContentLimits limits)
    {
        // A byte order mark would hide the first block.
        if (text.StartsWith("\ufeff"u8))
            text = text[3..];
        var document = PemDocument.Parse(text, new PemLimits(limits.MaxBytes, limits.MaxContents));
        var contents = new List<PkiContent>(document.Blocks.Count);
        foreach (var block in document.Blocks)
            contents.AddRange(Read(block, opener, limits));
        if (document.HasTextOutsideBlocks)
            contents.AddRange(BrokenBlocks(text, document, limits.MaxContents));
        return contents;
    }

    private static IReadOnlyList<PkiContent> Read(PemBlock block, KeyOpener opener, ContentLimits limits)
    {
        if (block.Label is "PKCS7" or "CMS")
            return Guarded("PKCS#7 container", () => Pkcs7Reader.Read(block.Content, limits));
        if (block.Label is "PKCS12")
            return Guarded("PKCS#12 container", () => Pkcs12Reader.Read(block.Content, opener, limits));
        return [ReadOne(block, opener)];
    }

    private static PkiContent ReadOne(PemBlock block, KeyOpener opener)
    {
        if (block.Headers.Any(h => h.Key == "Proc-Type" && h.Value.Contains("ENCRYPTED", StringComparison.Ordinal)))
        {
            var form = block.Label == PemLabels.EcPrivateKey ? "SEC1" : "PKCS#1";
            var cipher = block.Headers.FirstOrDefault(h => h.Key == "DEK-Info").Value?.Split(',')[0] ?? "unknown cipher";
            return new PrivateKeyContent(null, form, $"OpenSSL's old format, {Shorten(cipher)}",
                "the old format is not opened here; convert it: openssl pkcs8 -topk8 -in OLD -out NEW");
        }

        return block.Label switch
        {
            PemLabels.Certificate or "X509 CERTIFICATE" => DerContents.Read(block.Content, DerShape.Certificate, opener),
            "TRUSTED CERTIFICATE" => DerContents.Read(FirstValue(block.Content), DerShape.Certificate, opener),
            PemLabels.CertificateRequest or PemLabels.NewCertificateRequest => DerContents.Read(block.Content, DerShape.Request, opener),
            PemLabels.Crl => DerContents.Read(block.Content, DerShape.RevocationList, opener),
            PemLabels.PublicKey => DerContents.Read(block.Content, DerShape.PublicKey, opener),
            PemLabels.RsaPublicKey => DerContents.Read(block.Content, DerShape.RsaPublicKey, opener),
            PemLabels.PrivateKey => DerContents.Read(block.Content, DerShape.Pkcs8, opener),
            PemLabels.EncryptedPrivateKey => DerContents.Read(block.Content, DerShape.EncryptedPkcs8, opener),
            PemLabels.RsaPrivateKey => DerContents.Read(block.Content, DerShape.RsaPrivateKey, opener),
            PemLabels.EcPrivateKey => DerContents.Read(block.Content, DerShape.EcPrivateKey, opener),
            "DSA PRIVATE KEY" => KeyOpener.Open(block.Content, "DSA"),
            "OPENSSH PRIVATE KEY" => new PrivateKeyContent(null, "OpenSSH", null, "OpenSSH keys are not for TLS; convert it: ssh-keygen -p -m PKCS8 -f FILE"),
            "EC PARAMETERS" => new OtherContent("EC parameters"),
            "DH PARAMETERS" or "X9.42 DH PARAMETERS" => new OtherContent("Diffie-Hellman parameters"),
            var label => new OtherContent($"PEM block {Shorten(label)}"),
        };
    }

    private static IReadOnlyList<PkiContent> Guarded(string what, Func<IReadOnlyList<PkiContent>> read)
    {
        try
        {
            return read();
        }
        catch (PkiFormatException e)
        {
            return [new UnreadableContent(what, e.Message)];
        }
    }

    /// <summary>OpenSSL's trusted certificates carry its own settings after the certificate.</summary>
    private static ReadOnlyMemory<byte> FirstValue(ReadOnlyMemory<byte> content) =>
        DerShapes.LengthOf(content.Span) is > 0 and var length ? content[..length] : content;

    /// <summary>The labels of BEGIN lines that no block came of.</summary>
    private static List<PkiContent> BrokenBlocks(ReadOnlySpan<byte> text, PemDocument document, int max)
    {
        var read = document.Blocks.CountBy(b => b.Label).ToDictionary();
        var broken = new List<PkiContent>();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].TrimEnd("\r \t"u8);
            if (broken.Count >= max || !line.StartsWith("-----BEGIN "u8))
                continue;
            var label = Encoding.UTF8.GetString(line["-----BEGIN ".Length..].TrimEnd((byte)'-'));
            if (read.TryGetValue(label, out var left) && left > 0)
                read[label] = left - 1;
            else
                broken.Add(new UnreadableContent($"PEM block {Shorten(label)}", "it has no matching END line, or its base64 is damaged; copy the file again, whole"));
        }

        return broken;
    }

    private static string Shorten(string text) =>
        string.Concat((text.Length > MaxLabel ? text[..MaxLabel] + "…" : text).Select(c => char.IsControl(c) ? '?' : c));
}
