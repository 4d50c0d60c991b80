// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Limits;

namespace Sealock.Tests.Limits;

public class FairSlotsTests
{
    [Fact]
    public async Task Who_has_many_waiting_delays_another_by_one()
    {
        var slots = new FairSlots<string>(1);
        Assert.True(slots.TryTake());
        Assert.False(slots.TryTake());
        var order = new List<string>();
        async Task Wait(string client)
        {
            await slots.WaitAsync(client, CancellationToken.None);
            lock (order)
                order.Add(client);
        }

        var waiting = new List<Task>();
        foreach (var client in new[] { "flood", "flood", "flood", "flood", "ann", "bob", "ann" })
            waiting.Add(Wait(client));
        foreach (var _ in waiting.ToList())
        {
            var before = order.Count;
            slots.Release();
            await waiting[await NextAsync(waiting)];
            waiting.RemoveAll(task => task.IsCompletedSuccessfully);
            Assert.Equal(before + 1, order.Count);
        }

        Assert.Equal(["flood", "ann", "bob", "flood", "ann", "flood", "flood"], order);
        Assert.False(slots.TryTake());
        slots.Release();
        Assert.True(slots.TryTake());
    }

    [Fact]
    public async Task Who_has_gone_passes_his_turn_on()
    {
        var slots = new FairSlots<string>(1);
        Assert.True(slots.TryTake());
        using var gone = new CancellationTokenSource();
        var first = slots.WaitAsync("ann", gone.Token);
        var second = slots.WaitAsync("ann", CancellationToken.None);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        slots.Release();
        await second;
        slots.Release();
        Assert.True(slots.TryTake());
    }

    [Fact]
    public void Connections_are_counted_by_address_and_nothing_stays_of_who_has_gone()
    {
        var counts = new ConnectionCounts();
        var (one, other) = (AddressKey.Of(IPAddress.Parse("192.0.2.1")), AddressKey.Of(IPAddress.Parse("192.0.2.2")));
        Assert.True(counts.TryEnter(one, 2));
        Assert.True(counts.TryEnter(one, 2));
        Assert.False(counts.TryEnter(one, 2));
        Assert.True(counts.TryEnter(other, 2));
        Assert.True(counts.TryEnter(one, 0));
        counts.Leave(one);
        counts.Leave(one);
        Assert.True(counts.TryEnter(one, 2));
        counts.Leave(one);
        counts.Leave(one);
        counts.Leave(other);
        Assert.Equal(0, counts.Count);
    }

    private static async Task<int> NextAsync(List<Task> waiting) => waiting.IndexOf(await Task.WhenAny(waiting));
}
