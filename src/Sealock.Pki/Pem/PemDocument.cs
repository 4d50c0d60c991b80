// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Pki.Pem;

/// <summary>The PEM blocks of a text, and what else was in it.</summary>
public sealed record PemDocument
{
    /// <summary>The well-formed blocks in order.</summary>
    public required IReadOnlyList<PemBlock> Blocks { get; init; }

    /// <summary>True where anything but white space stands outside the blocks (broken blocks included).</summary>
    public required bool HasTextOutsideBlocks { get; init; }

    /// <summary>The distinct labels in order of appearance, for messages.</summary>
    public string LabelsFound => Blocks.Count == 0 ? "none" : string.Join(", ", Blocks.Select(b => b.Label).Distinct());

    /// <summary>
    /// Reads every well-formed block, as tolerant as Go's <c>pem.Decode</c>: text between blocks, broken blocks, CRLF
    /// and white space inside the base64 are skipped.
    /// </summary>
    /// <exception cref="PkiFormatException">The text is larger or has more blocks than the limits allow.</exception>
    public static PemDocument Parse(ReadOnlySpan<byte> text, PemLimits limits) => PemReader.Read(text, limits);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, PemLimits)"/>
    public static PemDocument Parse(ReadOnlySpan<byte> text) => PemReader.Read(text, PemLimits.Default);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, PemLimits)"/>
    public static PemDocument Parse(string text) => PemReader.Read(Encoding.UTF8.GetBytes(text), PemLimits.Default);

    /// <summary>The first block, which must have one of the labels; blocks after it are ignored, as Kubernetes does.</summary>
    /// <exception cref="PkiFormatException">There is none, or the first has another label.</exception>
    public PemBlock First(params ReadOnlySpan<string> labels)
    {
        if (Blocks.Count > 0 && labels.Contains(Blocks[0].Label))
            return Blocks[0];
        throw Unexpected(labels);
    }

    /// <summary>The only block, which must have one of the labels and no headers.</summary>
    /// <exception cref="PkiFormatException">There is not exactly one block, or it is another.</exception>
    public PemBlock Single(params ReadOnlySpan<string> labels)
    {
        if (Blocks.Count != 1 || !labels.Contains(Blocks[0].Label))
            throw Unexpected(labels);
        if (Blocks[0].Headers.Count > 0)
            throw new PkiFormatException($"expected a {Blocks[0].Label} PEM block without headers");
        return Blocks[0];
    }

    /// <summary>All blocks, at least one, every one of them with this label and without headers.</summary>
    /// <exception cref="PkiFormatException">Anything else is in the text's blocks.</exception>
    public IReadOnlyList<PemBlock> AllOf(string label)
    {
        if (Blocks.Count == 0 || Blocks.Any(b => b.Label != label))
            throw Unexpected([label]);
        if (Blocks.Any(b => b.Headers.Count > 0))
            throw new PkiFormatException($"expected {label} PEM blocks without headers");
        return Blocks;
    }

    private PkiFormatException Unexpected(ReadOnlySpan<string> labels) =>
        new($"expected a PEM block of type {string.Join(" or ", labels.ToArray())}, found {LabelsFound}");
}
