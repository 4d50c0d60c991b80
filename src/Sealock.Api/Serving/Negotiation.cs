// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>In which shape an answer is wanted.</summary>
internal enum AnswerShape
{
    /// <summary>The object or list itself.</summary>
    Object,

    /// <summary>meta.k8s.io/v1 Table.</summary>
    Table,

    /// <summary>meta.k8s.io/v1 PartialObjectMetadata or its list.</summary>
    Metadata,
}

/// <summary>Shape, encoding and layout of an answer.</summary>
internal readonly record struct AnswerFormat(AnswerShape Shape, bool Yaml, bool Pretty)
{
    /// <summary>Whether metadata was asked for as a list.</summary>
    public bool OfList { get; init; }

    /// <summary>Whether it is the plain JSON object.</summary>
    public bool IsPlain => Shape == AnswerShape.Object && !Yaml && !Pretty;

    /// <summary>The media type of the answer.</summary>
    public string ContentType => Yaml ? "application/yaml" : "application/json";
}

/// <summary>Reads the <c>Accept</c> header as kube-apiserver does, with the media types this server speaks.</summary>
internal static class Negotiation
{
    private const string Served = "application/json, application/yaml";

    /// <summary>The first acceptable form.</summary>
    /// <exception cref="ApiException">406: none is.</exception>
    public static AnswerFormat Choose(ApiRequest request, bool transforms = true)
    {
        var pretty = PrettyJson.IsWanted(request.Query, request.UserAgent);
        var accept = request.Accept.AsSpan().Trim();
        if (accept.IsEmpty || accept is "application/json" or "*/*")
            return new AnswerFormat(AnswerShape.Object, false, pretty);
        return Best(accept, transforms, pretty, out var typeIsKnown) ?? throw (typeIsKnown
            ? new ApiException(406, "NotAcceptable", "only the following media types are accepted: " + Served)
            : new ApiException(406, "NotAcceptable", "406: Not Acceptable", new StatusDetails()));
    }

    /// <summary>Whether an error is to be told as YAML: where nothing fits, it is told as JSON.</summary>
    public static bool PrefersYaml(string accept) =>
        accept.Contains("yaml", StringComparison.Ordinal)
        && Best(accept, transforms: true, pretty: false, out _) is { Yaml: true };

    private static AnswerFormat? Best(ReadOnlySpan<char> accept, bool transforms, bool pretty, out bool typeIsKnown)
    {
        AnswerFormat? best = null;
        var bestQuality = 0.0;
        typeIsKnown = false;
        foreach (var range in accept.Split(','))
        {
            if (Read(accept[range], transforms, ref typeIsKnown, out var quality) is { } format && quality > bestQuality)
            {
                best = format with { Pretty = pretty && !format.Yaml };
                bestQuality = quality;
            }
        }

        return best;
    }

    private static AnswerFormat? Read(
        ReadOnlySpan<char> clause, bool transforms, ref bool typeIsKnown, out double quality)
    {
        quality = 1;
        var end = clause.IndexOf(';');
        var type = (end < 0 ? clause : clause[..end]).Trim();
        var yaml = type is "application/yaml";
        if (!yaml && type is not ("application/json" or "*/*" or "application/*"))
            return null;
        typeIsKnown = true;
        ReadOnlySpan<char> shape = "", group = "", version = "";
        while (end >= 0)
        {
            clause = clause[(end + 1)..];
            end = clause.IndexOf(';');
            var parameter = (end < 0 ? clause : clause[..end]).Trim();
            var equals = parameter.IndexOf('=');
            if (equals < 0)
                continue;
            var value = parameter[(equals + 1)..].Trim().Trim('"');
            switch (parameter[..equals])
            {
                case "as": shape = value; break;
                case "g": group = value; break;
                case "v": version = value; break;
                case "q" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var q):
                    quality = q;
                    break;
            }
        }

        if (shape.IsEmpty)
            return new AnswerFormat(AnswerShape.Object, yaml, false);
        if (!transforms || group is not "meta.k8s.io" || version is not ("v1" or "v1beta1"))
            return null;
        return shape switch
        {
            "Table" => new AnswerFormat(AnswerShape.Table, yaml, false),
            "PartialObjectMetadata" => new AnswerFormat(AnswerShape.Metadata, yaml, false),
            "PartialObjectMetadataList" => new AnswerFormat(AnswerShape.Metadata, yaml, false) { OfList = true },
            _ => null,
        };
    }
}
