using Microsoft.Extensions.DependencyInjection;
using Weft.EventBus;
using Weft.Messages;
using Weft.Testing;

namespace Weft.Tests.Testing;

/// <summary>The programs on the page about tests.</summary>
public sealed class HarnessPageTests
{
    // region setup
    private static void Shop(WeftBuilder weft) => weft
        .Topic("orders")
        .Topic("invoices")
        .Subscribe("billing", "orders", async (order, delivery, cancellation) =>
        {
            var ledger = delivery.Services.GetRequiredService<Ledger>();
            ledger.Charge(order.Id, order.Subject!);
            await delivery.Services.GetRequiredService<IPublisher>().PublishAsync(
                "invoices", Message.Create("InvoiceIssued", "/billing", new { order = order.Id }, id: $"invoice-{order.Id}"), cancellation);
        });
    // endregion

    [Fact]
    public async Task An_order_is_charged_when_the_ledger_is_up_again()
    {
        // region retry
        var ledger = new Ledger { IsDown = true };
        await using var weft = await WeftHarness.StartAsync(Shop, services => services.AddSingleton(ledger));

        await weft.PublishAsync("orders", Message.Create("OrderPlaced", "/shop", new { total = 10 }, id: "7", subject: "alice"));
        await weft.IdleAsync();
        Assert.Empty(weft.Handled("billing"));

        ledger.IsDown = false;
        await weft.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("7", Assert.Single(weft.Handled("billing")).Id);
        Assert.Equal("invoice-7", Assert.Single(weft.Published("invoices")).Id);
        Assert.Empty(weft.DeadLetters("billing"));
        // endregion
    }

    [Fact]
    public async Task An_order_that_comes_twice_is_charged_once()
    {
        // region crash
        var ledger = new Ledger();
        await using var weft = await WeftHarness.StartAsync(Shop, services => services.AddSingleton(ledger));
        await weft.PublishAsync("orders", Message.Create("OrderPlaced", "/shop", new { total = 10 }, id: "7", subject: "alice"));
        await weft.IdleAsync();

        await weft.CrashAndRestartAsync(powerFails: true);
        await weft.IdleAsync();
        Assert.Single(ledger.Charges);
        // endregion
    }

    private sealed class Ledger
    {
        public bool IsDown { get; set; }

        public Dictionary<string, string> Charges { get; } = [];

        public void Charge(string order, string customer)
        {
            if (IsDown)
                throw new InvalidOperationException("The ledger is down.");
            Charges[order] = customer;
        }
    }
}
