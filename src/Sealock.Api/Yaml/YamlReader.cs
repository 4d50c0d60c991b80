// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sealock.Api.Yaml;

/// <summary>
/// Reads YAML as Kubernetes does: as another spelling of JSON. Plain scalars follow YAML 1.1 as go-yaml reads it
/// (<c>yes</c> is true, <c>0777</c> is 511, a date is a string), keys become strings, <c>&lt;&lt;</c> merges. Unlike
/// kubectl's lax mode a key given twice is an error. The resulting trees hold no duplicate keys.
/// </summary>
public static class YamlReader
{
    /// <summary>The longest accepted text, in characters.</summary>
    public const int MaxLength = 3 * 1024 * 1024;

    /// <summary>The deepest accepted nesting.</summary>
    public const int MaxDepth = 128;

    /// <summary>
    /// The most values in one text, each key counted with its value and aliases as often as they are used.
    /// </summary>
    public const int MaxValues = 500_000;

    /// <summary>The most documents in one text, those without content among them.</summary>
    public const int MaxDocuments = 10_000;

    /// <summary>Reads all documents; those without content are left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="documents">What stands in it; null where it is refused.</param>
    /// <param name="error">Why it is refused; null where it is not.</param>
    /// <param name="maxValues">The most values in the text.</param>
    public static bool TryReadAll(
        string text, [NotNullWhen(true)] out IReadOnlyList<JsonNode>? documents, [NotNullWhen(false)] out string? error,
        int maxValues = MaxValues)
    {
        documents = null;
        error = null;
        if (text.Length > MaxLength)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"yaml: text is longer than {MaxLength} characters");
            return false;
        }

        if (text.EnumerateRunes().Any(IsForbidden) || HasLoneSurrogate(text))
        {
            error = "yaml: control characters are not allowed";
            return false;
        }

        try
        {
            documents = Read(new Parser(new Scanner(new StringReader(text), skipComments: true)), maxValues);
            return true;
        }
        catch (YamlRefusal e)
        {
            error = $"yaml: {e.Message}";
        }
        catch (YamlException e)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"yaml: line {e.Start.Line}: {Lower(e.Message)}");
        }

        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser's scanner gives up so on some malformed texts.
            error = "yaml: malformed";
        }

        return false;
    }

    /// <summary>Reads a text that must hold exactly one document with content.</summary>
    /// <param name="text">The text.</param>
    /// <param name="document">What stands in it; null where it is refused.</param>
    /// <param name="error">Why it is refused; null where it is not.</param>
    /// <param name="maxValues">The most values in the text.</param>
    public static bool TryRead(
        string text, [NotNullWhen(true)] out JsonNode? document, [NotNullWhen(false)] out string? error, int maxValues = MaxValues)
    {
        document = null;
        if (!TryReadAll(text, out var documents, out error, maxValues))
        {
            return false;
        }

        if (documents.Count != 1)
        {
            error = documents.Count == 0 ? "yaml: there is no document" : "yaml: there is more than one document";
            return false;
        }

        document = documents[0];
        return true;
    }

    private static List<JsonNode> Read(Parser parser, int maxValues)
    {
        List<JsonNode> documents = [];
        var builder = new YamlTreeBuilder(parser, maxValues);
        var begun = 0;
        while (parser.MoveNext())
        {
            if (parser.Current is not DocumentStart)
            {
                continue;
            }

            if (++begun > MaxDocuments)
            {
                throw new YamlRefusal("too many documents");
            }

            parser.MoveNext();
            if (builder.Build() is { } root)
            {
                documents.Add(root);
            }
        }

        return documents;
    }

    private static bool IsForbidden(Rune rune) => rune.Value is not ('\t' or '\n' or '\r' or 0x85)
        && (rune.Value is < 0x20 or (>= 0x7f and < 0xa0) or 0xfffe or 0xffff);

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return true;
            }
        }

        return false;
    }

    private static string Lower(string message) =>
        message.Length == 0 ? "malformed" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}

/// <summary>Well-formed YAML that cannot be read as JSON; never leaves this room.</summary>
internal sealed class YamlRefusal(string message) : Exception(message)
{
    public static YamlRefusal At(ParsingEvent place, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"line {place.Start.Line}: {message}"));
}
