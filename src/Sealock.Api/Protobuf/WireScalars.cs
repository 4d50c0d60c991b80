// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;

namespace Sealock.Api.Protobuf;

/// <summary>The messages of Kubernetes that are a single value in JSON.</summary>
internal static class WireScalars
{
    private const int MaxNanoseconds = 999_999_999;
    private const long MinSeconds = -62_135_596_800; // 0001-01-01, Go's zero time
    private const long MaxSeconds = 253_402_300_799; // 9999-12-31T23:59:59

    /// <summary>meta/v1 Time or MicroTime; null where it is not set.</summary>
    /// <exception cref="MalformedObjectException">The message is broken, or no RFC 3339 time says it.</exception>
    public static JsonValue? Time(ReadOnlySpan<byte> message, bool micro)
    {
        long seconds = 0;
        var nanoseconds = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.Expect(WireType.Varint, "Seconds");
                    seconds = (long)reader.Varint();
                    break;
                case 2:
                    reader.Expect(WireType.Varint, "Nanos");
                    nanoseconds = (int)reader.Varint();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if ((seconds == 0 && nanoseconds == 0) || seconds == MinSeconds)
            return null;
        if (seconds is < MinSeconds or > MaxSeconds || nanoseconds is < 0 or > MaxNanoseconds)
            throw new MalformedObjectException("proto: a time is out of range");
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        var layout = micro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'";
        return JsonValue.Create(time.ToString(layout, CultureInfo.InvariantCulture));
    }

    /// <summary>A resource quantity, which travels as its text.</summary>
    /// <exception cref="MalformedObjectException">The message is broken.</exception>
    public static JsonValue Quantity(ReadOnlySpan<byte> message)
    {
        var text = "0";
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            reader.Expect(WireType.Bytes, "String");
            text = reader.Text();
        }

        return JsonValue.Create(text);
    }

    /// <summary>A number of 32 bits or a string.</summary>
    /// <exception cref="MalformedObjectException">The message is broken, or neither.</exception>
    public static JsonValue IntOrString(ReadOnlySpan<byte> message)
    {
        ulong type = 0;
        var number = 0;
        var text = "";
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.Expect(WireType.Varint, "Type");
                    type = reader.Varint();
                    break;
                case 2:
                    reader.Expect(WireType.Varint, "IntVal");
                    number = (int)reader.Varint();
                    break;
                case 3:
                    reader.Expect(WireType.Bytes, "StrVal");
                    text = reader.Text();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return type switch
        {
            0 => JsonValue.Create((long)number),
            1 => JsonValue.Create(text),
            _ => throw new MalformedObjectException("impossible IntOrString.Type"),
        };
    }
}
